import type { YamlMap, YamlNode } from '../yaml/yaml-node.js';
import type { Reader } from './fields.js';
import type { Reading } from './reading.js';

/** @param meant what a text there most likely stands for, written as a map; null: who knows */
export function readMap(
  node: YamlNode,
  reading: Reading,
  what: string,
  meant: (text: string) => string | null = () => null,
): YamlMap | undefined {
  if (node.kind === 'map') return node;
  if (node.kind === 'scalar' && node.value === null)
    return reading.error(node.span, 'value/empty', `nothing stands here; expected ${what}`);
  const map = node.kind === 'scalar' && typeof node.value === 'string' ? meant(node.value.trim()) : null;
  if (map !== null)
    return reading.shape(node.span, 'wrong-type', `expected ${what.split(',')[0]}; write \`${map}\``, map);
  const found = node.kind === 'list' ? 'a list' : `"${node.written.slice(0, 60)}"`;
  return reading.shape(
    node.kind === 'list' ? { start: node.span.start, end: node.span.start + 1 } : node.span,
    'wrong-type',
    `expected ${what} (\`key: value\`), found ${found}`,
  );
}

export interface ListLimits {
  readonly min?: number;
  readonly max?: number;
  /** Refuse an entry that stands there twice. */
  readonly unique?: boolean;
}

/** A list; `undefined` if any entry is wrong, after all of them were looked at. */
export function listOf<T>(entry: Reader<T>, limits: ListLimits = {}): Reader<readonly T[]> {
  // Of one plain word the plural is the word with an s.
  const type = `list of ${entry.type}${/^[a-z]+[^s]$/.test(entry.type) ? 's' : ''}`;
  return {
    type,
    ...(entry.allowed ? { allowed: entry.allowed } : {}),
    read(node, reading) {
      if (node.kind !== 'list') return notAList(node, reading, type);
      const { min = 1, max = 200 } = limits;
      const span = { start: node.span.start, end: node.span.start + 1 };
      if (node.items.length < min) return reading.error(span, 'value/list-length', 'the list is empty');
      if (node.items.length > max)
        return reading.error(
          span,
          'value/list-length',
          `the list has ${node.items.length} entries; at most ${max} are allowed`,
        );
      return readItems(node.items, entry, reading, limits.unique ?? false);
    },
  };
}

/** A value, or a list meaning "any of these". */
export function oneOrList<T>(entry: Reader<T>, limits: ListLimits = {}): Reader<readonly T[]> {
  const list = listOf(entry, limits);
  return {
    type: `${entry.type}, or a list of them`,
    ...(entry.allowed ? { allowed: entry.allowed } : {}),
    read(node, reading) {
      if (node.kind === 'list') return list.read(node, reading);
      const value = entry.read(node, reading);
      return value === undefined ? undefined : [value];
    },
  };
}

function readItems<T>(
  items: readonly YamlNode[],
  entry: Reader<T>,
  reading: Reading,
  unique: boolean,
): readonly T[] | undefined {
  const values: T[] = [];
  let complete = true;
  for (const item of items) {
    const value = entry.read(item, reading);
    if (value === undefined) complete = false;
    else if (unique && values.includes(value)) {
      reading.error(item.span, 'value/repeated', `"${String(value)}" stands in this list twice`);
      complete = false;
    } else values.push(value);
  }
  return complete ? values : undefined;
}

function notAList(node: YamlNode, reading: Reading, type: string): undefined {
  if (node.kind === 'scalar') {
    if (node.value === null) return reading.error(node.span, 'value/empty', `nothing stands here; expected a ${type}`);
    const suggestion = node.written.length <= 60 ? `[${node.written}]` : undefined;
    return reading.shape(
      node.span,
      'wrong-type',
      `expected a ${type}, found a single value${suggestion ? `; write ${suggestion}` : ''}`,
      suggestion,
    );
  }
  return reading.shape(
    { start: node.span.start, end: node.span.start + 1 },
    'wrong-type',
    `expected a ${type}, found a map; each entry of a list begins with a hyphen`,
  );
}

/** A map from names to values of one kind, in the order written. */
export function mapOf<T>(
  value: Reader<T>,
  checkKey: (key: string, span: YamlNode['span'], reading: Reading) => string | undefined,
  what: string,
): Reader<ReadonlyMap<string, T>> {
  return {
    type: what,
    read(node, reading) {
      const map = readMap(node, reading, `a ${what}`);
      if (map === undefined) return undefined;
      const values = new Map<string, T>();
      let complete = true;
      for (const entry of map.entries) {
        const key = checkKey(entry.key, entry.keySpan, reading);
        const read = value.read(entry.value, reading);
        if (key === undefined || read === undefined) complete = false;
        else values.set(key, read);
      }
      return complete ? values : undefined;
    },
  };
}
