import { commandSettings } from '../installation/command-settings.js';
import { CommandError } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { openHistory, type HistoryPart } from './open-history.js';
import { openRecording } from './open-recording.js';
import type { Recording } from './recording.js';

/** Where events come from: a file, or what the live database has recorded. */
export interface SourceOptions {
  readonly events?: string;
  readonly history?: boolean;
  readonly mapping?: string;
}

/** Throws CommandError unless there is one source. */
export function refuseTwoSources({ events, history, mapping }: SourceOptions): void {
  if (events === undefined && history !== true)
    throw new CommandError(
      'say which events: --events FILE for a recording, or --history for what the live database has recorded',
    );
  if (events !== undefined && history === true)
    throw new CommandError('--events and --history are two sources of events: choose one');
  if (history === true && mapping !== undefined)
    throw new CommandError('--mapping is for tables, and --history reads none: leave it out');
}

/** null after the problems of the mapping were shown. Throws CommandError. */
export async function openSource(
  terminal: Terminal,
  { events, mapping }: SourceOptions,
  part: HistoryPart,
): Promise<Recording | null> {
  return events === undefined
    ? openHistory(terminal, commandSettings(terminal), part)
    : openRecording(terminal, events, mapping ?? null);
}
