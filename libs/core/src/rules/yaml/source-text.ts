/** Offsets into the decoded text, in UTF-16 units; `end` is excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** From 1, the column in code points. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A decoded file that knows where its lines begin. A byte order mark is already gone, so column 1 is the first character. */
export class SourceText {
  private readonly lineStarts: number[] = [0];
  /** Second halves of surrogate pairs: two units, one character. Kept, since a hostile file has 250,000 characters in a line and a finding at each. */
  private readonly secondHalves: number[] = [];

  constructor(
    readonly path: string,
    readonly text: string,
  ) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
    for (const match of text.matchAll(/[\ud800-\udbff](?=[\udc00-\udfff])/g)) this.secondHalves.push(match.index + 1);
  }

  position(offset: number): Position {
    const index = lastAtMost(this.lineStarts, offset);
    const start = this.lineStarts[index] ?? 0;
    const pairs = lastAtMost(this.secondHalves, offset - 1) - lastAtMost(this.secondHalves, start - 1);
    return { line: index + 1, column: offset - start - pairs + 1 };
  }
}

/** Index of the last of the ascending numbers that is not above `limit`, -1 if all are. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = -1;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
