import { userInfo } from 'node:os';
import { replayRequest, whyNotReplayable, type DeadLetterBook, type KeptDeadLetter } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withBackbone, withTables } from '../installation/with-installation.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { idOf, table } from './list.js';

export interface SettleOptions {
  readonly reason?: string;
  readonly since?: number;
  readonly limit: number;
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** `kairos dead-letters replay`: to the end of their partition again; without `--yes` it shows which. */
export async function replay(terminal: Terminal, ids: readonly string[], options: SettleOptions): Promise<ExitStatus> {
  const config = commandSettings(terminal);
  return withTables(terminal, config, false, async ({ deadLetters }) => {
    const chosen = await choose(deadLetters, ids, options);
    const able = chosen.filter((letter) => whyNotReplayable(letter) === null);
    for (const letter of chosen) {
      const why = whyNotReplayable(letter);
      if (why !== null) terminal.err.line(`dead letter ${letter.id} is left as it is: ${why}`);
    }
    if (able.length === 0) return nothing(terminal);
    if (options.yes !== true) return preview(terminal, able, 'replayed');
    await withBackbone(terminal, config, async ({ stream }) => {
      for (const letter of able) {
        // Written down after the append: at least once, and who has applied it already passes over it.
        const [placed] = await stream.append([replayRequest(letter)]);
        await deadLetters.noteReplayed(letter.id, placed!.offset, userInfo().username);
        terminal.out.line(letter.id);
      }
    });
    terminal.err.line(
      `${count(able.length)} in the stream again; what cannot be applied now either comes back as another`,
    );
    return able.length === chosen.length ? EXIT.fine : EXIT.findings;
  });
}

/** `kairos dead-letters drop`: given up; without `--yes` it shows which. */
export async function drop(terminal: Terminal, ids: readonly string[], options: SettleOptions): Promise<ExitStatus> {
  return withTables(terminal, commandSettings(terminal), false, async ({ deadLetters }) => {
    const open = (await choose(deadLetters, ids, options)).filter(({ resolution }) => resolution === null);
    if (open.length === 0) return nothing(terminal);
    if (options.yes !== true) return preview(terminal, open, 'dropped');
    const dropped = await deadLetters.drop(
      open.map(({ id }) => id),
      userInfo().username,
    );
    for (const id of dropped) terminal.out.line(id);
    terminal.err.line(`${count(dropped.length)} dropped; they stay listed with --settled`);
    return EXIT.fine;
  });
}

/** The oldest first, in whose order they are replayed. */
async function choose(
  book: DeadLetterBook,
  written: readonly string[],
  { reason, since, all = false, limit }: SettleOptions,
): Promise<readonly KeptDeadLetter[]> {
  if (written.length === 0 && !all && reason === undefined && since === undefined)
    throw new CommandError('name dead letters, say which (--reason, --since), or --all');
  if (written.length === 0) {
    const filter = { ...(reason === undefined ? {} : { reason }), ...(since === undefined ? {} : { since }) };
    return (await book.list({ ...filter, limit })).toReversed();
  }
  const ids = written.map(idOf);
  const found = await book.find(ids);
  const missing = ids.filter((id) => !found.some((letter) => letter.id === id));
  if (missing.length > 0)
    throw new CommandError(`there is no dead letter ${missing.join(', ')}; \`kairos dead-letters\` lists them`);
  return found;
}

function nothing(terminal: Terminal): ExitStatus {
  terminal.err.line('there is nothing to do');
  return EXIT.findings;
}

function preview(terminal: Terminal, letters: readonly KeptDeadLetter[], done: string): ExitStatus {
  terminal.out.line(table(terminal.out, letters));
  terminal.err.line(`${count(letters.length)} would be ${done}; do it with --yes`);
  return EXIT.fine;
}

function count(letters: number): string {
  return letters === 1 ? '1 record' : `${letters} records`;
}
