import type { Output } from '../terminal/terminal.js';

export interface LineProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Lines of a file that could not be read: all are counted, the first 20 kept to be shown. */
export class LineProblems {
  static readonly SHOWN = 20;
  readonly first: LineProblem[] = [];
  count = 0;

  constructor(private readonly file: string) {}

  add(line: number, message: string): void {
    this.count++;
    if (this.first.length < LineProblems.SHOWN) this.first.push({ file: this.file, line, message });
  }

  /** @param what became of them: `were not read` */
  show(output: Output, what: string): void {
    if (this.count === 0) return;
    for (const { file, line, message } of this.first) output.line(`${file}:${line} ${message}`);
    if (this.count > this.first.length)
      output.line(`and ${(this.count - this.first.length).toLocaleString('en')} more`);
    output.line(`${this.count.toLocaleString('en')} ${this.count === 1 ? 'line' : 'lines'} of ${this.file} ${what}`);
  }
}

/** One JSON value, or the sentence that says what is wrong with the line. */
export function parseLine(text: string): { readonly json: unknown } | { readonly problem: string } {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `is not JSON (${shortened((error as Error).message)})` };
  }
}

function shortened(message: string): string {
  const printable = message.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return printable.length > 120 ? `${printable.slice(0, 119)}…` : printable;
}
