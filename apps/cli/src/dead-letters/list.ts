import type { KeptDeadLetter } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import { plainTable } from '../terminal/plain-table.js';
import type { Output, Terminal } from '../terminal/terminal.js';

export interface ListOptions {
  readonly reason?: string;
  readonly since?: number;
  readonly settled?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

const HEAD = ['id', 'time', 'reason', 'position', 'key', 'holds', 'settled', 'detail'];
const MAX_CELL = 60;

/** `kairos dead-letters`: what could not be read or applied, latest first. */
export async function list(terminal: Terminal, options: ListOptions): Promise<ExitStatus> {
  const { json = false, ...query } = options;
  const letters = await withTables(terminal, commandSettings(terminal), false, ({ deadLetters }) =>
    deadLetters.list(query),
  );
  if (json) terminal.out.line(JSON.stringify(letters.map(toJson), null, 2));
  else if (letters.length === 0) terminal.err.line('no dead letters, or none that fit');
  else terminal.out.line(table(terminal.out, letters));
  if (!json && letters.length === query.limit) terminal.err.line(`the latest ${query.limit}; more with --limit`);
  return EXIT.fine;
}

/** `kairos dead-letters show`: one record, with its bytes. */
export async function show(
  terminal: Terminal,
  id: string,
  { json = false }: { readonly json?: boolean },
): Promise<ExitStatus> {
  const [letter] = await withTables(terminal, commandSettings(terminal), false, ({ deadLetters }) =>
    deadLetters.find([idOf(id)]),
  );
  if (letter === undefined) {
    terminal.err.line(`there is no dead letter ${id}; \`kairos dead-letters\` lists them`);
    return EXIT.findings;
  }
  if (json) terminal.out.line(JSON.stringify(toJson(letter), null, 2));
  else showLetter(terminal.out, letter);
  return EXIT.fine;
}

/** Throws CommandError. */
export function idOf(text: string): string {
  if (/^[1-9]\d{0,14}$/.test(text)) return text;
  throw new CommandError(
    `"${text}" is not the id of a dead letter; \`kairos dead-letters\` lists them, in the first column`,
  );
}

export function table(out: Output, letters: readonly KeptDeadLetter[]): string {
  return plainTable(
    out,
    HEAD,
    letters.map((letter) => [
      letter.id,
      instant(letter.at)!,
      letter.reason,
      `${letter.partition}/${letter.offset}`,
      shortened(textOf(letter.key) ?? ''),
      letter.held === 0 ? '' : String(letter.held),
      letter.resolution ?? '',
      shortened(letter.detail),
    ]),
  );
}

function showLetter(out: Output, letter: KeptDeadLetter): void {
  const { resolution, resolvedAt, resolvedBy, held, headers } = letter;
  const rows: [string, string | null][] = [
    ['dead letter', letter.id],
    ['put aside', instant(letter.at)],
    ['position', `${letter.stream}, partition ${letter.partition}, offset ${letter.offset}`],
    ['reason', `${letter.reason}: ${letter.detail}`],
    ['settled', resolution === null ? null : `${resolution} by ${resolvedBy ?? '?'}, ${instant(resolvedAt) ?? ''}`],
    [
      'holds',
      held === 0 || resolution !== null
        ? null
        : `${held === 1 ? '1 customer' : `${held} customers`}: nothing that needs consent is sent until it is replayed or dropped, for a day at most`,
    ],
    ['key', textOf(letter.key)],
    ['headers', headers === null ? null : JSON.stringify(headers)],
  ];
  for (const [name, value] of rows) if (value !== null) out.line(`${name.padEnd(11)} ${value}`);
  out.line(`\n${textOf(letter.value) ?? '(no value)'}`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** As text, or in hexadecimal digits where it is none. */
function textOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  try {
    const text = utf8.decode(bytes);
    // They would change what the terminal shows.
    return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text) ? JSON.stringify(text) : text;
  } catch {
    return `hex ${Buffer.from(bytes).toString('hex')}`;
  }
}

function shortened(text: string): string {
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
}

function toJson({ at, resolvedAt, key, value, ...letter }: KeptDeadLetter): object {
  const base64 = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : Buffer.from(bytes).toString('base64');
  return { ...letter, at: instant(at), resolvedAt: instant(resolvedAt), key: base64(key), value: base64(value) };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
