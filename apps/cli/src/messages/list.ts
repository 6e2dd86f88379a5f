import Table from 'cli-table3';
import type { MessageListing } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
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

export function table({ color }: Output, listings: readonly MessageListing[]): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  };
  const sides = { left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };
  const rows = new Table({
    head: ['time', 'customer', 'rule', 'template', 'channel', 'outcome', 'reason', 'message'],
    chars: { ...none, ...sides },
    style: { head: color ? ['bold'] : [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const { at, plannedAt, customer, rule, template, channel, outcome, reason, notBefore, messageId } of listings) {
    const until = outcome === 'held' && notBefore !== null ? ` until ${instant(notBefore)}` : '';
    rows.push([
      instant(at ?? plannedAt)!,
      customer,
      rule,
      template,
      channel ?? '',
      outcome,
      `${reason ?? ''}${until}`,
      messageId,
    ]);
  }
  return rows.toString().replace(/ +$/gm, '');
}
