import { isUtf8 } from 'node:buffer';

const LINE_END = 10;
const CARRIAGE_RETURN = 13;

/** Lines that came together, as bytes and, for those who want them, as texts. */
export class LineBlock {
  /**
   * @param bounds where each line begins and ends (its line end excluded), one after the other
   * @param firstNumber of its first line, from 1
   * @param bytesRead of the file so far, as they lie on the disk
   */
  constructor(
    readonly bytes: Buffer,
    readonly bounds: readonly number[],
    readonly firstNumber: number,
    readonly bytesRead: number,
  ) {}

  get count(): number {
    return this.bounds.length / 2;
  }

  start(index: number): number {
    return this.bounds[2 * index]!;
  }

  end(index: number): number {
    return this.bounds[2 * index + 1]!;
  }

  isUtf8(index: number): boolean {
    return isUtf8(this.bytes.subarray(this.start(index), this.end(index)));
  }

  /** What is no UTF-8 becomes U+FFFD. */
  text(index: number): string {
    return this.bytes.toString('utf8', this.start(index), this.end(index));
  }

  get lines(): readonly string[] {
    return Array.from({ length: this.count }, (_, index) => this.text(index));
  }
}

/** Where the whole lines of these bytes lie, and where the last line begins that has no end yet. */
export function boundsOf(bytes: Buffer): { readonly bounds: number[]; readonly rest: number } {
  const bounds: number[] = [];
  let start = 0;
  for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
    bounds.push(start, end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
    start = end + 1;
  }
  return { bounds, rest: start };
}
