import type { MessageListing } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import { plainTable } from '../terminal/plain-table.js';
import type { Output, Terminal } from '../terminal/terminal.js';

export interface ListOptions {
  readonly customer?: string;
  readonly rule?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly since?: number;
  readonly limit: number;
  readonly json?: boolean;
}

/** `kairos messages`: the ledger, latest first. */
export async function list(terminal: Terminal, options: ListOptions): Promise<ExitStatus> {
  const { json = false, ...query } = options;
  const listings = await withTables(terminal, commandSettings(terminal), false, ({ ledger }) => ledger.list(query));
  if (json) terminal.out.line(JSON.stringify(listings.map(toJson), null, 2));
  else if (listings.length === 0) terminal.err.line('no messages, or none that fit');
  else terminal.out.line(table(terminal.out, listings));
  if (!json && listings.length === query.limit) terminal.err.line(`the latest ${query.limit}; more with --limit`);
  return EXIT.fine;
}

/** Instants as people and programs write them. */
export function toJson({ plannedAt, at, notBefore, ...listing }: MessageListing): object {
  return { ...listing, plannedAt: instant(plannedAt), at: instant(at), notBefore: instant(notBefore) };
}

export function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function isMessageId(text: string): boolean {
  return ID.test(text);
}

const HEAD = ['time', 'customer', 'rule', 'template', 'channel', 'outcome', 'reason', 'message'];

export function table(out: Output, listings: readonly MessageListing[]): string {
  const rows = listings.map(
    ({ at, plannedAt, customer, rule, template, channel, outcome, reason, notBefore, messageId }) => {
      const until = outcome === 'held' && notBefore !== null ? ` until ${instant(notBefore)}` : '';
      const when = instant(at ?? plannedAt)!;
      return [
        when,
        customer === '' ? '(erased)' : customer,
        rule,
        template,
        channel ?? '',
        outcome,
        `${reason ?? ''}${until}`,
        messageId,
      ];
    },
  );
  return plainTable(out, HEAD, rows);
}
