import { closestName } from '../rules/reading/closest-name.js';
import { dayNumber } from '../time/civil-day.js';
import { formatInstant, readInstant } from '../event/instant.js';
import { fieldText, type ColumnMapping, type CsvMapping, type EventField } from './mapping.js';

/** A row as a call in Segment's shape, or what is wrong with one of its cells. */
export type RowReading =
  | { readonly ok: true; readonly json: { readonly [field: string]: unknown } }
  | { readonly ok: false; readonly problem: string };

/** A column that the mapping names and the table does not have. */
export interface MissingColumn {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Reads the rows of one table: made once its first row, the names of the columns, is known. */
export class RowReader {
  readonly missing: readonly MissingColumn[];
  private readonly wanted: readonly { readonly index: number; readonly mapping: ColumnMapping }[];
  private readonly columnOfField: ReadonlyMap<string, string>;

  constructor(
    private readonly mapping: CsvMapping,
    private readonly header: readonly string[],
  ) {
    const names = header.map((name) => name.trim());
    this.wanted = mapping.columns.map((each) => ({ index: names.indexOf(each.column.trim()), mapping: each }));
    this.missing = this.wanted.filter(({ index }) => index === -1).map((each) => missingColumn(each.mapping, names));
    this.columnOfField = new Map(
      mapping.columns.flatMap(({ column, fields }) => fields.map((field) => [fieldText(field), column] as const)),
    );
  }

  read(cells: readonly string[]): RowReading {
    if (cells.length !== this.header.length)
      return { ok: false, problem: `has ${cells.length} cells, and the first row ${this.header.length}` };
    const json: { [field: string]: unknown } = { type: this.mapping.type };
    if (this.mapping.event !== null) json['event'] = this.mapping.event;
    for (const { index, mapping } of this.wanted) {
      const cell = cells[index]!;
      // An empty cell is a value that is missing.
      if (cell.trim() === '') continue;
      const value = this.value(cell, mapping);
      if (value instanceof CellProblem) return { ok: false, problem: `column ${mapping.column}: ${value.message}` };
      for (const field of mapping.fields) put(json, field, value);
    }
    return { ok: true, json };
  }

  /** A sentence about a field of the event, with the column it comes from. */
  about(field: string, reason: string): string {
    const column = this.columnOfField.get(field);
    return column === undefined ? `${field} ${reason}` : `column ${column}: ${field} ${reason}`;
  }

  private value(cell: string, { values, type, format }: ColumnMapping): unknown {
    const { decimalComma } = this.mapping;
    if (values !== null) {
      const meant = values.get(cell.trim()) ?? values.get('*');
      return meant ?? new CellProblem(unknownValue(cell.trim(), [...values.keys()]));
    }
    switch (type) {
      case 'text':
        return cell;
      case 'number':
        return readNumber(cell.trim(), decimalComma);
      case 'truth':
        return readTruth(cell.trim());
      case 'json':
        return readJson(cell);
      case 'time':
        return this.instant(cell.trim(), format);
    }
  }

  private instant(text: string, format: ColumnMapping['format']): unknown {
    const wrong = new CellProblem(`"${short(text)}" is no time; expected ${EXAMPLES[format]}`);
    if (format === 'unix seconds' || format === 'unix milliseconds') {
      if (!/^-?\d{1,15}(\.\d+)?$/.test(text)) return wrong;
      const ms = Math.floor(Number(text) * (format === 'unix seconds' ? 1000 : 1));
      return isShown(ms) ? formatInstant(ms) : wrong;
    }
    const iso = format === 'iso' ? text : isoOf(text, format);
    const written = iso === null ? null : readInstant(iso);
    if (written === null) return wrong;
    if (written.offset !== null) return formatInstant(written.local - written.offset);
    return formatInstant(this.mapping.zone.instantAt(written.local));
  }
}

const DAY_MS = 86_400_000;

/** Formats nothing that is an instant only by mistake: years 1970 to 9999. */
function isShown(ms: number): boolean {
  return ms >= 0 && ms < dayNumber(10_000, 1, 1) * DAY_MS;
}

class CellProblem {
  constructor(readonly message: string) {}
}

const EXAMPLES: { readonly [format in ColumnMapping['format']]: string } = {
  iso: '2026-03-02 09:00, 2026-03-02T09:00:00Z or a date',
  'day.month.year': '2.3.2026 09:00 or a date',
  'day/month/year': '2/3/2026 09:00 or a date',
  'month/day/year': '3/2/2026 09:00 or a date',
  'unix seconds': 'seconds since 1970, such as 1772442000',
  'unix milliseconds': 'milliseconds since 1970, such as 1772442000000',
};

const DATE = /^(\d{1,2})([./])(\d{1,2})[./](\d{4})(?:[ T,]+(\d{1,2}:\d{2}(?::\d{2})?))?$/;

/** `2.3.2026 9:00` as `2026-03-02T09:00`; null where it is not written so. */
function isoOf(text: string, format: ColumnMapping['format']): string | null {
  const match = DATE.exec(text);
  if (match === null || match[2] !== (format === 'day.month.year' ? '.' : '/')) return null;
  const [day, month] = format === 'month/day/year' ? [match[3]!, match[1]!] : [match[1]!, match[3]!];
  const date = `${match[4]}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return match[5] === undefined ? date : `${date}T${match[5].padStart(match[5].length > 5 ? 8 : 5, '0')}`;
}

function readNumber(text: string, decimalComma: boolean): number | CellProblem {
  const plain = decimalComma
    ? text.replace(/\.(?=\d{3}(?:\D|$))/g, '').replace(',', '.')
    : text.replace(/,(?=\d{3}(?:\D|$))/g, '');
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  const hint =
    !decimalComma && /^\d+,\d+$/.test(text) ? '; for numbers like that write `decimal comma: true` in the mapping' : '';
  return new CellProblem(`"${short(text)}" is not a number${hint}`);
}

function readTruth(text: string): boolean | CellProblem {
  if (/^(?:true|yes|y|1)$/i.test(text)) return true;
  if (/^(?:false|no|n|0)$/i.test(text)) return false;
  return new CellProblem(`"${short(text)}" is neither true nor false (yes, no, 1 and 0 are understood too)`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return new CellProblem(`"${short(text)}" is not JSON`);
  }
}

function put(json: { [field: string]: unknown }, field: EventField, value: unknown): void {
  if (field.kind === 'field') json[field.name] = typeof value === 'number' ? String(value) : value;
  else ((json[field.kind] ??= {}) as { [name: string]: unknown })[field.name] = value;
}

function missingColumn({ column, place }: ColumnMapping, names: readonly string[]): MissingColumn {
  const closest = closestName(column, names);
  const hint = closest === null ? `it has: ${names.slice(0, 30).join(', ')}` : `did you mean "${closest}"?`;
  return { ...place, message: `there is no column "${short(column)}" (${hint})` };
}

function unknownValue(cell: string, known: readonly string[]): string {
  const closest = closestName(cell, known);
  const hint = closest === null ? `it has: ${known.slice(0, 20).join(', ')}` : `did you mean "${closest}"?`;
  return `"${short(cell)}" is not among the values of the mapping (${hint}); "*" stands for all others`;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
