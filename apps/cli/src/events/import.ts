import { createHash } from 'node:crypto';
import { LineProblems, parseLine } from '../files/line-problems.js';
import { isTable, openRecording } from '../files/open-recording.js';
import { openLines, type LineSource } from '../files/read-lines.js';
import type { Recording } from '../files/recording.js';
import { commandSettings } from '../installation/command-settings.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import { startProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import type { EventSender } from './event-sender.js';
import { withEventSender } from './with-event-sender.js';

export interface ImportOptions {
  readonly live?: boolean;
  /** What the columns of a table are. */
  readonly mapping?: string;
}

/** One line on its way, with its number for what may be refused. */
interface Waiting {
  readonly line: number;
  readonly call: unknown;
}

const MOST_CALLS = 1_000;
/** Some minutes of patience: half a file is worth less than a late one. */
const TRIES = 40;
/** A request takes 500 KB, and ids may still be added. */
const MOST_BYTES = 400_000;
/** Far longer than an event may be, so that no request is too large for one of its lines. */
const LONGEST_LINE_BYTES = 256 * 1024;

/** `kairos events import`: a file of events through the collector's own code. */
export async function importEvents(
  terminal: Terminal,
  path: string,
  { live = false, mapping }: ImportOptions,
): Promise<ExitStatus> {
  const config = commandSettings(terminal);
  const source =
    mapping === undefined && !isTable(path)
      ? await openLines(path)
      : await openRecording(terminal, path, mapping ?? null);
  if (source === null) return EXIT.findings;
  const problems = new LineProblems(source.name);
  const { accepted, way, running } = await withEventSender(
    terminal,
    config,
    { historical: !live, tries: TRIES },
    async (sender) => {
      const importing = new Importing(sender, problems);
      await ('blocks' in source ? readLines(terminal, source, importing) : readTable(terminal, source, importing));
      return { accepted: importing.accepted, way: sender.way, running: sender.running };
    },
  );
  problems.show(terminal.err, 'were refused; the others are in');
  terminal.out.line(
    `imported ${accepted.toLocaleString('en')} events ${live ? 'as live ones' : 'as history'} into ${way}`,
  );
  if (!running) terminal.err.line('Kairos is not running: they wait in the stream until it is started');
  return problems.count > 0 ? EXIT.findings : EXIT.fine;
}

async function readLines(terminal: Terminal, source: LineSource, importing: Importing): Promise<void> {
  const progress = startProgress(terminal.err, 'Importing', source.size);
  try {
    for await (const { lines, firstNumber, bytesRead } of source.blocks()) {
      for (const [index, text] of lines.entries()) await importing.take(text, firstNumber + index);
      progress.update(bytesRead, `${importing.accepted.toLocaleString('en')} events`);
    }
    await importing.flush();
  } finally {
    progress.end();
  }
}

async function readTable(terminal: Terminal, table: Recording, importing: Importing): Promise<void> {
  const progress = startProgress(terminal.err, 'Importing', table.size);
  const rows: Waiting[] = [];
  const taker = {
    passBy: () => false,
    line: (call: unknown, id: string) => {
      rows.push({ line: Number(id.replace('line ', '')), call });
      return null;
    },
  };
  try {
    await table.read(taker, importing.problems, async (bytesRead) => {
      for (const { line, call } of rows.splice(0)) await importing.take(JSON.stringify(call), line);
      progress.update(bytesRead, `${importing.accepted.toLocaleString('en')} events`);
      return true;
    });
    await importing.flush();
  } finally {
    progress.end();
  }
}

class Importing {
  accepted = 0;
  private waiting: Waiting[] = [];
  private bytes = 0;

  constructor(
    private readonly sender: EventSender,
    readonly problems: LineProblems,
  ) {}

  async take(text: string, line: number): Promise<void> {
    if (text.trim() === '') return;
    const parsed = parseLine(text);
    if ('problem' in parsed) return this.problems.add(line, parsed.problem);
    const bytes = Buffer.byteLength(text);
    if (bytes > LONGEST_LINE_BYTES)
      return this.problems.add(line, `is ${Math.ceil(bytes / 1024)} KB long; an event has at most 32 KB`);
    if (this.waiting.length >= MOST_CALLS || this.bytes + bytes > MOST_BYTES) await this.flush();
    this.waiting.push({ line, call: withMessageId(parsed.json, text, line) });
    this.bytes += bytes;
  }

  async flush(): Promise<void> {
    const sent = this.waiting;
    this.waiting = [];
    this.bytes = 0;
    if (sent.length === 0) return;
    const { accepted, refused } = await this.sender.send(sent.map(({ call }) => call));
    this.accepted += accepted;
    for (const { index, field, reason } of refused) this.problems.add(sent[index]!.line, `${field} ${reason}`);
  }
}

/** The same file imported again changes nothing: a line without an id gets one that follows from it. */
function withMessageId(json: unknown, text: string, line: number): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || Object.hasOwn(json, 'messageId')) return json;
  const hash = createHash('sha256').update(`${line}\n${text}`).digest('hex').slice(0, 32);
  return { ...json, messageId: `import-${hash}` };
}
