import type { Config } from '#config';
import { formatInstant } from '#core';
import type { EventHistory, RecordedEvent } from '#engine';
import { EVENTS_TOPIC } from '#hosting';
import { withTables } from '../installation/with-installation.js';
import { CommandError } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Recording } from './recording.js';
import type { LineProblems } from './line-problems.js';
import type { LineTaker } from './take-lines.js';

const BLOCK = 1_000;

/** Which part of the history is read. */
export interface HistoryPart {
  /** Canonical id; null: everybody. */
  readonly customer: string | null;
  /** ms of the stream's clock, included; null: to its end. */
  readonly to: number | null;
}

/**
 * What the live database has recorded of the stream, in the order of its clock, page by page. An event's place on that
 * clock is when it reached the stream; what was imported as history is history here too. Throws CommandError where none
 * is kept.
 */
export function openHistory(terminal: Terminal, config: Config, part: HistoryPart): Recording {
  if (config.historyDays === 0)
    throw new CommandError('no history of events is kept here (KAIROS_HISTORY_DAYS=0); give a recording with --events');
  return {
    name: 'the recorded history',
    size: null,
    read: (taker, problems, afterBlock) =>
      withTables(terminal, config, false, async ({ history }) =>
        readHistory(history!, part, taker, problems, afterBlock),
      ),
  };
}

async function readHistory(
  history: EventHistory,
  { customer, to }: HistoryPart,
  taker: LineTaker,
  problems: LineProblems,
  afterBlock: (bytesRead: number) => Promise<boolean>,
): Promise<void> {
  let [number, bytes] = [0, 0];
  for await (const event of history.read({ customer, things: true, from: null, to })) {
    number++;
    bytes += event.value.length;
    const problem = taker.line(lineOf(event), `${EVENTS_TOPIC}/${event.partition}/${event.offset}`, event.historical);
    if (problem !== null) problems.add(number, `${problem.field} ${problem.reason}`);
    if (number % BLOCK === 0 && !(await afterBlock(bytes))) return;
  }
  await afterBlock(bytes);
}

/** The recorder has written what could be read, as it was; only its place on the stream's clock is put to it. */
function lineOf({ value, appendTime }: RecordedEvent): unknown {
  const json = JSON.parse(Buffer.from(value).toString('utf8')) as object;
  return { ...json, receivedAt: formatInstant(appendTime) };
}
