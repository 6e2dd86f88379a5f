import type { YamlEntry, YamlNode } from '../yaml/yaml-node.js';

/** Every entry of every map in a part of a file, in the order written. */
export function entriesOf(node: YamlNode): readonly YamlEntry[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'list') return node.items.flatMap(entriesOf);
  return node.entries.flatMap((entry) => [entry, ...entriesOf(entry.value)]);
}

export function isText(node: YamlNode, text: string): boolean {
  return node.kind === 'scalar' && String(node.value).normalize('NFC') === text;
}
