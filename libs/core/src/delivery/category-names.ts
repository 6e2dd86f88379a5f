import type { ByteReader } from '../customer/byte-reader.js';
import type { ByteWriter } from '../customer/byte-writer.js';

/** Names of categories, written once at the front of a column: their number, then each. */
export function writeNames(
  writer: ByteWriter,
  items: readonly { readonly category: string }[],
): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  for (const { category } of items) if (!index.has(category)) index.set(category, index.size);
  writer.varint(index.size);
  for (const name of index.keys()) writer.text(name);
  return index;
}

export function readNames(reader: ByteReader): readonly string[] {
  return Array.from({ length: reader.varint() }, () => reader.text());
}
