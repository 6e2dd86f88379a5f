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

  constructor(
    readonly path: string,
    readonly text: string,
  ) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  position(offset: number): Position {
    const index = this.lineIndex(offset);
    const before = this.text.slice(this.lineStarts[index], offset);
    return { line: index + 1, column: [...before].length + 1 };
  }

  /** The rest of the line from `offset` on, without its line end. */
  restOfLine(offset: number): string {
    const end = this.text.indexOf('\n', offset);
    return this.text.slice(offset, end === -1 ? undefined : end).replace(/\r$/, '');
  }

  private lineIndex(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
