import type { Diagnostic } from './diagnostic.js';

const LONGEST_LINE = 160;

/**
 * A diagnostic as people read it: place, code, sentence, and the line with a caret under the part that is meant.
 * @param source the file's text; null when it cannot be shown (not a text), then the first line alone is given.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  source: string | null,
  options: { readonly color?: boolean } = {},
): string {
  const paint = (code: string, text: string) => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { file, line, column, severity, code, message } = diagnostic;
  const tone = severity === 'error' ? '31' : '33';
  const head = `${paint('1', `${file}:${line}:${column}`)} ${paint(tone, `${severity}[${code}]`)} ${printable(message)}`;
  const frame = source === null ? null : frameParts(diagnostic, source);
  if (frame === null) return head;
  return [head, frame.line, `${paint('2', frame.gutter)}${frame.blank}${paint(tone, frame.marks)}`].join('\n');
}

/** Where something stands in a text, from 1, columns in code points. */
export type FramePlace = Pick<Diagnostic, 'line' | 'column' | 'endLine' | 'endColumn'>;

/** The line with a caret under the part that is meant; empty where there is nothing to show. */
export function codeFrame(place: FramePlace, source: string): readonly string[] {
  const frame = frameParts(place, source);
  return frame === null ? [] : [frame.line, `${frame.gutter}${frame.blank}${frame.marks}`];
}

function frameParts(
  place: FramePlace,
  source: string,
): { readonly line: string; readonly gutter: string; readonly blank: string; readonly marks: string } | null {
  const written = source.replace(/^\ufeff/, '').split(/\r?\n/)[place.line - 1];
  if (written === undefined || written.trim() === '') return null;
  const { text, start, length } = excerpt([...written], place);
  const number = String(place.line);
  return {
    line: `   ${number} | ${printable(text)}`,
    gutter: `   ${' '.repeat(number.length)} | `,
    blank: ' '.repeat(start),
    marks: '^'.repeat(length),
  };
}

/** The part of a line around the finding, in code points; a multi-line finding is marked to the end of its first line. */
function excerpt(
  line: readonly string[],
  { column, endColumn, endLine, line: first }: FramePlace,
): { text: string; start: number; length: number } {
  const from = column - 1 > LONGEST_LINE - 40 ? column - 41 : 0;
  const shown = line.slice(from, from + LONGEST_LINE);
  const start = Math.min(column - 1 - from, shown.length);
  const end = endLine > first ? line.length : endColumn - 1;
  const length = Math.max(1, Math.min(end - from, shown.length) - start);
  return { text: shown.join('').trimEnd(), start, length };
}

/** What a file says must not steer the terminal that shows it; a tab takes one column like every other sign here. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
