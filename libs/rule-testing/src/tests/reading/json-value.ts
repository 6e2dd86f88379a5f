import { readers, type Json, type JsonObject, type Reader, type Reading, type YamlNode } from '#core';

/** Any value, as JSON would say it. */
export function readJson(node: YamlNode, reading: Reading): Json | undefined {
  switch (node.kind) {
    case 'map':
      return readEntries(node.entries, reading);
    case 'list': {
      const items = node.items.map((item) => readJson(item, reading));
      return items.includes(undefined) ? undefined : (items as Json[]);
    }
    case 'scalar':
      if (node.empty) return reading.error(node.span, 'value/empty', 'nothing stands here; expected a value, or null');
      return node.value === null ? null : readers.readLiteral(node, reading);
  }
}

/** `undefined` if any value is wrong, after all of them were looked at. */
export function readEntries(
  entries: readonly { readonly key: string; readonly value: YamlNode }[],
  reading: Reading,
): JsonObject | undefined {
  const read = entries.map(({ key, value }) => [key, readJson(value, reading)] as const);
  // Names come from outside: `__proto__` is a property like any other.
  return read.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(read) as JsonObject);
}

export function jsonMap(what: string): Reader<JsonObject> {
  return {
    type: `map of ${what}`,
    read(node, reading) {
      const map = readers.readMap(node, reading, what);
      return map && readEntries(map.entries, reading);
    },
  };
}
