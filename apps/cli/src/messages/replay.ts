import { userInfo } from 'node:os';
import type { MessageListing, MessageLedger } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { isMessageId, table } from './list.js';

export interface ReplayOptions {
  readonly customer?: string;
  readonly rule?: string;
  readonly outcome?: 'failed' | 'unknown';
  readonly reason?: string;
  readonly since?: number;
  readonly limit: number;
  readonly all?: boolean;
  readonly yes?: boolean;
}

const GIVEN_UP = ['failed', 'unknown'] as const;

/** `kairos messages replay`: given-up messages into the queue again; without `--yes` it shows which. */
export async function replay(terminal: Terminal, ids: readonly string[], options: ReplayOptions): Promise<ExitStatus> {
  const { all = false, yes = false, limit, ...filter } = options;
  for (const id of ids) if (!isMessageId(id)) throw new CommandError(`"${id}" is not the id of a message`);
  if (ids.length === 0 && !all && Object.keys(filter).length === 0)
    throw new CommandError('name messages, say which (--rule, --customer, --outcome, --reason, --since), or --all');
  return withTables(terminal, commandSettings(terminal), false, async ({ ledger }) => {
    const found = ids.length > 0 ? await named(ledger, ids) : await matching(ledger, filter, limit);
    const givenUp = found.filter(({ outcome }) => GIVEN_UP.some((one) => one === outcome));
    if (givenUp.length === 0) {
      terminal.err.line('none of them has failed or is unknown: there is nothing to try again');
      return EXIT.findings;
    }
    if (!yes) return preview(terminal, givenUp);
    const replayed = await ledger.replay(
      givenUp.map(({ messageId }) => messageId),
      userInfo().username,
    );
    for (const id of replayed) terminal.out.line(id);
    terminal.err.line(`${count(replayed.length)} in the queue again; kairos messages why ID says what becomes of them`);
    return replayed.length === givenUp.length ? EXIT.fine : EXIT.findings;
  });
}

function preview(terminal: Terminal, givenUp: readonly MessageListing[]): ExitStatus {
  terminal.out.line(table(terminal.out, givenUp));
  const unknown = givenUp.filter(({ outcome }) => outcome === 'unknown').length;
  if (unknown > 0) terminal.err.line(`${count(unknown)} may have arrived already, and could arrive twice`);
  terminal.err.line(
    `${count(givenUp.length)} would be tried again, judged by everything but lateness; do it with --yes`,
  );
  return EXIT.fine;
}

function count(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}

async function named(ledger: MessageLedger, ids: readonly string[]): Promise<readonly MessageListing[]> {
  const found = await Promise.all(ids.map((id) => ledger.decision(id.toLowerCase())));
  const missing = ids.filter((_, index) => found[index] === null);
  if (missing.length > 0)
    throw new CommandError(`there is no message ${missing.join(', ')}; \`kairos messages\` lists them`);
  return found.flatMap((one) => one?.listing ?? []);
}

async function matching(
  ledger: MessageLedger,
  { outcome, ...filter }: Omit<ReplayOptions, 'limit' | 'all' | 'yes'>,
  limit: number,
): Promise<readonly MessageListing[]> {
  const outcomes = outcome === undefined ? GIVEN_UP : [outcome];
  const lists = await Promise.all(outcomes.map((one) => ledger.list({ ...filter, outcome: one, limit })));
  return lists.flat().slice(0, limit);
}
