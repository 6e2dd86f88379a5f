import type { Zone } from '../time/zone.js';

/** What a cell is read as. */
export const CELL_TYPES = ['text', 'number', 'truth', 'time', 'json'] as const;
export type CellType = (typeof CELL_TYPES)[number];

/** How times are written in a column. */
export const TIME_FORMATS = [
  'iso',
  'day.month.year',
  'day/month/year',
  'month/day/year',
  'unix seconds',
  'unix milliseconds',
] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** Where a cell goes: `userId`, or a name among the properties or traits. */
export type EventField =
  | { readonly kind: 'field'; readonly name: (typeof PLAIN_FIELDS)[number] }
  | { readonly kind: 'properties' | 'traits'; readonly name: string };

export const PLAIN_FIELDS = ['userId', 'anonymousId', 'messageId', 'event', 'timestamp', 'receivedAt'] as const;

export interface ColumnMapping {
  readonly column: string;
  /** Of the column's name in the mapping, from 1. */
  readonly place: { readonly line: number; readonly column: number };
  readonly fields: readonly EventField[];
  readonly type: CellType;
  readonly format: TimeFormat;
  /** What stands for what; `*` for all others. null: cells are what they are. */
  readonly values: ReadonlyMap<string, string> | null;
}

/** How the rows of a table become events (docs/reference/csv.md). */
export interface CsvMapping {
  readonly path: string;
  readonly separator: string;
  readonly decimalComma: boolean;
  /** Of times without a zone. */
  readonly zone: Zone;
  readonly type: 'track' | 'identify' | 'page' | 'screen';
  /** Of every row; null: a column has it, or the call has none. */
  readonly event: string | null;
  readonly columns: readonly ColumnMapping[];
}

/** As it is written in a mapping. */
export function fieldText({ kind, name }: EventField): string {
  return kind === 'field' ? name : `${kind}.${name}`;
}
