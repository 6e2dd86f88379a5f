import type { Diagnostic, WorkspaceFile } from '../rules/diagnostic.js';
import { orderDiagnostics } from '../rules/order-diagnostics.js';
import * as readers from '../rules/readers.js';
import type { Reader } from '../rules/reading/fields.js';
import type { Reading } from '../rules/reading/reading.js';
import { readYaml } from '../rules/yaml/read-yaml.js';
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from '../rules/yaml/yaml-node.js';
import { findZone } from '../time/zone.js';
import {
  fieldText,
  CELL_TYPES,
  PLAIN_FIELDS,
  TIME_FORMATS,
  type ColumnMapping,
  type CsvMapping,
  type EventField,
} from './mapping.js';

export interface MappingReading {
  /** null when there is any error. */
  readonly mapping: CsvMapping | null;
  readonly diagnostics: readonly Diagnostic[];
}

const WHAT = 'a mapping';
const TYPES = ['track', 'identify', 'page', 'screen'] as const;

const separator: Reader<string> = {
  type: 'one sign, or `tab`',
  read(node, reading) {
    const scalar = readers.readScalar(node, reading, 'one sign, such as ";", or tab');
    if (scalar === undefined) return undefined;
    const sign = scalar.value === 'tab' ? '\t' : scalar.value;
    if (typeof sign === 'string' && [...sign].length === 1 && !/["\r\n]/.test(sign)) return sign;
    return reading.error(
      scalar.span,
      'value/not-allowed',
      'a separator is one sign, such as "," or ";", or the word tab',
    );
  },
};

const HEAD = {
  separator: readers.withDefault(separator, ',', '","', 'What stands between two cells.'),
  'decimal comma': readers.withDefault(readers.truth, false, 'false', 'Numbers are written as 1.234,50.'),
  'time zone': readers.withDefault(readers.timeZone, 'UTC', 'UTC', 'Of times without a zone of their own.'),
  type: readers.withDefault(readers.oneOf(TYPES), 'track', 'track', 'The kind of call that a row is.'),
  event: readers.optional(readers.eventName, 'The event of every row, where no column has it.'),
};

const COLUMN = {
  type: readers.optional(readers.oneOf(CELL_TYPES), 'What a cell is read as.'),
  format: readers.optional(readers.oneOf(TIME_FORMATS), 'How times are written.'),
  values: readers.optional(
    readers.mapOf(readers.text(), (key) => key, 'map of what stands in the cell to what it means'),
    'What stands for what; "*" for all others.',
  ),
};

/** Reads and checks the mapping of a table. Pure and total, as `readWorkspace` is. */
export function readMapping(file: WorkspaceFile): MappingReading {
  const yaml = readYaml(file, 'mapping');
  if (yaml.root === null) return { mapping: null, diagnostics: yaml.diagnostics };
  const mapping = readRoot(yaml.root, yaml.reading) ?? null;
  const diagnostics = orderDiagnostics(yaml.reading.diagnostics);
  return { mapping: diagnostics.some(({ severity }) => severity === 'error') ? null : mapping, diagnostics };
}

function readRoot(root: YamlNode, reading: Reading): CsvMapping | undefined {
  const map = readers.readMap(root, reading, 'a mapping with `columns`');
  if (map === undefined) return undefined;
  const head = readers.readFields(map, reading, HEAD, WHAT, ['columns']);
  const columns = readColumns(map, reading);
  if (columns === undefined) return undefined;
  checkFields(map, columns, head.values.event ?? null, head.values.type ?? 'track', reading);
  if (head.complete === undefined) return undefined;
  const { separator: sign, event, type } = head.complete;
  return {
    path: reading.source.path,
    separator: sign,
    decimalComma: head.complete['decimal comma'],
    zone: findZone(head.complete['time zone'])!,
    type,
    event,
    columns,
  };
}

function readColumns(map: YamlMap, reading: Reading): readonly ColumnMapping[] | undefined {
  const written = readers.findEntry(map, 'columns');
  if (written === undefined)
    return reading.shape(
      readers.mapStart(map),
      'missing-field',
      `${WHAT} needs "columns" (COLUMN: FIELD for each column)`,
    );
  const columns = readers.readMap(written.value, reading, 'columns with the field of the event that each is');
  const read = columns?.entries.map((entry) => readColumn(entry, reading));
  return read?.every((each) => each !== undefined) === true ? read : undefined;
}

function readColumn({ key, keySpan, value }: YamlEntry, reading: Reading): ColumnMapping | undefined {
  const place = reading.source.position(keySpan.start);
  const whole = value.kind === 'map';
  const map = value.kind === 'map' ? value : null;
  const more = map === null ? null : readers.readFields(map, reading, COLUMN, 'a column', ['field']);
  const target = map === null ? value : readers.findEntry(map, 'field')?.value;
  if (target === undefined)
    return reading.shape(readers.mapStart(map!), 'missing-field', 'a column needs "field" (what it is in the event)');
  const fields = readers.oneOrList(eventField, { unique: false }).read(target, reading);
  if (fields === undefined || (whole && more?.complete === undefined)) return undefined;
  const { type = null, format = null, values = null } = more?.complete ?? {};
  const isTime = fields.every(({ kind, name }) => kind === 'field' && (name === 'timestamp' || name === 'receivedAt'));
  return {
    column: key,
    place: { line: place.line, column: place.column },
    fields,
    type: type ?? (isTime || format !== null ? 'time' : 'text'),
    format: format ?? 'iso',
    values,
  };
}

const EXPECTED = `one of ${PLAIN_FIELDS.join(', ')}, properties.NAME or traits.NAME`;

const eventField: Reader<EventField> = {
  type: 'field of an event',
  read(node, reading) {
    const scalar = readers.readScalar(node, reading, EXPECTED);
    return scalar && fieldOf(scalar, reading);
  },
};

function fieldOf(scalar: YamlScalar, reading: Reading): EventField | undefined {
  const text = scalar.written.trim();
  const plain = PLAIN_FIELDS.find((name) => name === text);
  if (plain !== undefined) return { kind: 'field', name: plain };
  const [, kind, name] = /^(properties|traits)\.([^.]+)$/.exec(text) ?? [];
  if (name === '__proto__' || name === 'constructor' || name === 'prototype')
    return reading.error(scalar.span, 'path/forbidden-name', `"${name}" is not allowed as a name`);
  if (kind === 'properties' || kind === 'traits') return { kind, name: name! };
  const closest = readers.closestName(text, PLAIN_FIELDS);
  const hint = closest === null ? `expected ${EXPECTED}` : `did you mean "${closest}"?`;
  return reading.error(
    scalar.span,
    'value/not-allowed',
    `"${text.slice(0, 80)}" is no field of an event (${hint})`,
    closest ?? undefined,
  );
}

/** An event needs somebody, a time and, as a track call, a name; nothing comes from two columns. */
function checkFields(
  map: YamlMap,
  columns: readonly ColumnMapping[],
  event: string | null,
  type: CsvMapping['type'],
  reading: Reading,
): void {
  const names = columns.flatMap(({ fields }) => fields.map(fieldText));
  const start = readers.mapStart(map);
  const needs = (what: string): void => reading.shape(start, 'missing-field', `${WHAT} needs ${what}`);
  if (!names.includes('userId') && !names.includes('anonymousId'))
    needs('a column for userId (or anonymousId): whose event a row is');
  if (!names.includes('timestamp') && !names.includes('receivedAt')) needs('a column for timestamp: when it happened');
  if (type === 'track' && event === null && !names.includes('event'))
    needs('"event", the name of the event, or a column for it');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) reading.error(start, 'value/repeated', `two columns are mapped to ${twice}`);
}
