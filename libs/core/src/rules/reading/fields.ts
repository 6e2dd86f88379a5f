import type { Span } from '../yaml/source-text.js';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { closestName, lookalikeIn, lookalikesReplaced } from './closest-name.js';
import type { Reading } from './reading.js';

/** Reads a value; `undefined` after it reported what is wrong. */
export interface Reader<T> {
  /** As the reference writes it: `DURATION`, `name`, `list of steps`. */
  readonly type: string;
  readonly allowed?: readonly string[];
  read(node: YamlNode, reading: Reading): T | undefined;
}

/** One key of a map: its reader, whether it must be there, what holds without it, and a sentence for the reference. */
export type Field<T> =
  | { readonly presence: 'required'; readonly reader: Reader<T>; readonly doc: string }
  | { readonly presence: 'optional'; readonly reader: Reader<T>; readonly doc: string }
  | {
      readonly presence: 'default';
      readonly reader: Reader<T>;
      readonly value: T;
      readonly written: string;
      readonly doc: string;
    };

/** A key that people look for here although it lives elsewhere. */
export interface ElsewhereField {
  readonly presence: 'elsewhere';
  readonly hint: string;
}

type RequiredField<T> = Extract<Field<T>, { presence: 'required' }>;
type OptionalField<T> = Extract<Field<T>, { presence: 'optional' }>;
type DefaultField<T> = Extract<Field<T>, { presence: 'default' }>;

export function required<T>(reader: Reader<T>, doc: string): RequiredField<T> {
  return { presence: 'required', reader, doc };
}

/** null where it is not written. */
export function optional<T>(reader: Reader<T>, doc: string): OptionalField<T> {
  return { presence: 'optional', reader, doc };
}

/** @param written the default as it would be written in YAML, for the reference. */
export function withDefault<T>(reader: Reader<T>, value: NoInfer<T>, written: string, doc: string): DefaultField<T> {
  return { presence: 'default', reader, value, written, doc };
}

/** @param hint where it belongs, as the end of a sentence: `belongs …`. */
export function elsewhere(hint: string): ElsewhereField {
  return { presence: 'elsewhere', hint };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the element types differ from key to key; FieldValues recovers them
export type FieldTable = { readonly [key: string]: Field<any> | ElsewhereField };

export type FieldValue<F> =
  F extends RequiredField<infer T>
    ? T
    : F extends DefaultField<infer T>
      ? T
      : F extends OptionalField<infer T>
        ? T | null
        : never;
export type FieldValues<Table extends FieldTable> = { readonly [K in keyof Table]: FieldValue<Table[K]> };

export interface FieldsRead<Table extends FieldTable> {
  /** What could be read, defaults filled in. */
  readonly values: Partial<FieldValues<Table>>;
  /** The same, if nothing was wrong. */
  readonly complete: FieldValues<Table> | undefined;
  entry(key: keyof Table & string): YamlEntry | undefined;
}

/**
 * Reads a map by a table of its keys and reports unknown and missing ones. Keys in `apart` are known
 * too, but read by the caller.
 * @param what for sentences: `a rule`, `the step`.
 */
export function readFields<Table extends FieldTable>(
  node: YamlMap,
  reading: Reading,
  table: Table,
  what: string,
  apart: readonly string[] = [],
): FieldsRead<Table> {
  const values: { [key: string]: unknown } = {};
  let complete = true;
  for (const [key, field] of Object.entries(table)) {
    if (field.presence === 'elsewhere') continue;
    const entry = findEntry(node, key);
    const value = entry ? readEntry(entry, field, reading) : absent(key, field, node, reading, what);
    if (value === undefined) complete = false;
    else values[key] = value;
  }
  for (const entry of node.entries) {
    if (!knownEntry(entry, reading, table, apart)) complete = false;
  }
  return {
    values: values as Partial<FieldValues<Table>>,
    complete: complete ? (values as FieldValues<Table>) : undefined,
    entry: (key) => findEntry(node, key),
  };
}

export function findEntry(node: YamlMap, key: string): YamlEntry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

/** The place to point at for something missing in a map: its first key. */
export function mapStart(node: YamlMap): Span {
  const first = node.entries[0];
  return first ? first.keySpan : { start: node.span.start, end: node.span.start + 1 };
}

function readEntry(entry: YamlEntry, field: Field<unknown>, reading: Reading): unknown {
  if (entry.value.kind === 'scalar' && entry.value.empty) {
    return reading.error(entry.keySpan, 'value/empty', `"${entry.key}" has no value; expected ${field.reader.type}`);
  }
  return field.reader.read(entry.value, reading);
}

function absent(key: string, field: Field<unknown>, node: YamlMap, reading: Reading, what: string): unknown {
  if (field.presence === 'default') return field.value;
  if (field.presence === 'optional') return null;
  return reading.shape(mapStart(node), 'missing-field', `${what} needs "${key}" (${field.reader.type})`);
}

function knownEntry(entry: YamlEntry, reading: Reading, table: FieldTable, apart: readonly string[]): boolean {
  if (apart.includes(entry.key)) return true;
  const field = Object.hasOwn(table, entry.key) ? table[entry.key] : undefined;
  if (field === undefined) {
    const known = Object.keys(table).filter((key) => table[key]?.presence !== 'elsewhere');
    unknownField(entry, reading, [...apart, ...known]);
    return false;
  }
  if (field.presence === 'elsewhere') {
    reading.shape(entry.keySpan, 'unknown-field', `"${entry.key}" does not belong here but ${field.hint}`);
    return false;
  }
  return true;
}

export function unknownField(entry: YamlEntry, reading: Reading, known: readonly string[]): void {
  const key = entry.key.length > 80 ? `${entry.key.slice(0, 80)}…` : entry.key;
  const plain = lookalikesReplaced(entry.key).trim();
  const lookalike = lookalikeIn(entry.key);
  if (lookalike !== null && known.includes(plain)) {
    reading.shape(
      entry.keySpan,
      'unknown-field',
      `unknown field "${key}": it holds ${lookalike}; write "${plain}" anew`,
      plain,
    );
    return;
  }
  const closest = closestName(entry.key, known);
  if (closest === null)
    reading.shape(entry.keySpan, 'unknown-field', `unknown field "${key}" (allowed: ${known.join(', ')})`);
  else reading.shape(entry.keySpan, 'unknown-field', `unknown field "${key}" (did you mean "${closest}"?)`, closest);
}
