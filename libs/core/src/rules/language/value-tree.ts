import type { ValueTree } from '../model.js';
import { readMap } from '../reading/collections.js';
import type { Reader } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import type { YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { isEscapedText, readOperand } from './operand.js';
import type { Scope } from './path.js';

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** What `with`, `properties` and `body` hold: names with values, lists or further maps, paths wherever a value is wanted. */
export function valueMap(scope: Scope): Reader<{ readonly [name: string]: ValueTree }> {
  return {
    type: 'map of names to values or PATHs',
    read(node, reading) {
      const map = readMap(node, reading, 'a map of names to values');
      return map && readEntries(map, reading, scope);
    },
  };
}

export function readValueTree(node: YamlNode, reading: Reading, scope: Scope): ValueTree | undefined {
  if (node.kind === 'list') {
    const items = node.items.map((item) => readValueTree(item, reading, scope));
    const complete = items.flatMap((item) => item ?? []);
    return complete.length === items.length ? { kind: 'list', items: complete } : undefined;
  }
  if (node.kind === 'map' && !isEscapedText(node)) {
    const entries = readEntries(node, reading, scope);
    return entries && { kind: 'map', entries };
  }
  if (node.kind === 'scalar' && node.value === null && !node.empty)
    return reading.error(node.span, 'value/empty', 'null says nothing; leave the name out');
  return readOperand(node, reading, scope);
}

function readEntries(map: YamlMap, reading: Reading, scope: Scope): { readonly [name: string]: ValueTree } | undefined {
  const entries: [string, ValueTree][] = [];
  for (const { key, keySpan, value } of map.entries) {
    const read = FORBIDDEN.includes(key)
      ? reading.error(keySpan, 'path/forbidden-name', `"${key}" is not allowed as a name`)
      : readValueTree(value, reading, scope);
    if (read !== undefined) entries.push([key.normalize('NFC'), read]);
  }
  return entries.length === map.entries.length ? Object.fromEntries(entries) : undefined;
}
