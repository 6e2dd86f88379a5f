import { pipeline, Readable } from 'node:stream';
import { CsvError, parse, type Parser } from 'csv-parse';
import { RowReader, type CsvMapping } from '#core';
import { CommandError } from '../terminal/command-error.js';
import type { LineProblems } from './line-problems.js';
import { explainReading, openBytes } from './read-lines.js';
import type { Recording } from './recording.js';
import type { LineTaker } from './take-lines.js';

/** A row is no longer than a line may be. */
const LONGEST_ROW = 16 * 1024 * 1024;
const ROWS_OF_BLOCK = 2_000;
/** What decoding puts in place of bytes that are not UTF-8: two customers, `jürgen` and `jörgen`, would become one. */
const UNREADABLE = '\ufffd';
const LINE_ENDS = /\r\n|\n|\r/g;

interface Row {
  readonly record: readonly string[];
  /** The line on which the row ends, from 1. */
  readonly info: { readonly lines: number };
}

/** A row that is no row. The parser is ahead of us, so they wait until we have come to their line. */
interface BadRow {
  readonly line: number;
  readonly message: string;
}

/** A table, gzipped or not, whose first row names its columns; `-` is standard input. Throws CommandError. */
export async function openCsv(path: string, mapping: CsvMapping): Promise<Recording> {
  const source = await openBytes(path);
  return {
    name: source.name,
    size: source.size,
    read: async (taker, problems, afterBlock) => {
      const counter = { bytes: 0 };
      const bad: BadRow[] = [];
      const parser = rowParser(mapping, bad);
      pipeline(Readable.from(source.bytes(counter)), parser, () => undefined);
      try {
        await readRows(parser as AsyncIterable<Row>, new Table(mapping, source.name, { taker, problems }, bad), () =>
          afterBlock(counter.bytes),
        );
      } catch (error) {
        throw error instanceof CsvError
          ? new CommandError(`${source.name}:${lineOf(error)} ${inWords(error)}`, { cause: error })
          : explainReading(source.name, error);
      } finally {
        parser.destroy();
      }
    },
  };
}

function rowParser({ separator }: CsvMapping, bad: BadRow[]): Parser {
  return parse({
    bom: true,
    delimiter: separator,
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    // One wrong row must not take the rows behind it along: a quote that is out of place is a sign like any other.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: LONGEST_ROW,
    on_skip: (error) => {
      if (error !== undefined) bad.push({ line: lineOf(error), message: inWords(error) });
      return undefined;
    },
  });
}

async function readRows(rows: AsyncIterable<Row>, table: Table, afterBlock: () => Promise<boolean>): Promise<void> {
  let count = 0;
  for await (const row of rows) {
    table.take(row);
    if (++count % ROWS_OF_BLOCK === 0 && !(await afterBlock())) return;
  }
  table.end();
  await afterBlock();
}

/** Gives the rows of one table to whoever takes them. */
class Table {
  private reader: RowReader | null = null;
  private line = 0;

  constructor(
    private readonly mapping: CsvMapping,
    private readonly name: string,
    private readonly to: { readonly taker: LineTaker; readonly problems: LineProblems },
    private readonly bad: BadRow[],
  ) {}

  take({ record, info }: Row): void {
    this.skipTo(info.lines);
    this.line = info.lines;
    // The line on which the row begins: cells in quotes may hold line ends.
    const line = info.lines - record.reduce((sum, cell) => sum + (cell.match(LINE_ENDS)?.length ?? 0), 0);
    if (record.some((cell) => cell.includes(UNREADABLE))) this.refuse(line);
    else if (this.reader === null) this.reader = this.begin(record);
    else this.takeRow(this.reader, record, line);
  }

  end(): void {
    this.skipTo(Infinity);
    if (this.reader === null)
      throw new CommandError(`${this.name} is empty; the first row of a table names its columns`);
  }

  private refuse(line: number): void {
    const problem = 'is not UTF-8; save the table as UTF-8 (in Excel: "CSV UTF-8")';
    if (this.reader === null) throw new CommandError(`${this.name}:${line} ${problem}`);
    this.to.problems.add(line, problem);
  }

  private begin(header: readonly string[]): RowReader {
    const reader = new RowReader(this.mapping, header);
    const places = reader.missing.map((each) => `${this.mapping.path}:${each.line}:${each.column} ${each.message}`);
    if (places.length > 0) throw new CommandError(`the mapping does not fit ${this.name}:\n  ${places.join('\n  ')}`);
    return reader;
  }

  private takeRow(reader: RowReader, record: readonly string[], line: number): void {
    const { taker, problems } = this.to;
    const row = reader.read(record);
    if (!row.ok) return problems.add(line, row.problem);
    const problem = taker.line(row.json, `line ${line}`);
    if (problem !== null)
      problems.add(line, problem.field === '' ? problem.reason : reader.about(problem.field, problem.reason));
  }

  private skipTo(line: number): void {
    while (this.bad.length > 0 && this.bad[0]!.line <= line) {
      const { line: at, message } = this.bad.shift()!;
      // The parser noticed at the end of the row.
      this.to.problems.add(Math.min(at, this.line + 1), message);
      this.line = Math.max(this.line, at);
    }
  }
}

function lineOf(error: CsvError): number {
  return typeof error['lines'] === 'number' ? error['lines'] : 0;
}

function inWords(error: CsvError): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'opens a quote that is never closed, so that all behind it was taken for one cell';
    case 'CSV_MAX_RECORD_SIZE':
      return 'the row is longer than 16 MB';
    default:
      return `is no row of a table (${error.message.slice(0, 120)})`;
  }
}
