import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import type { Pause } from './customer-state.js';

export function writePauses(writer: ByteWriter, pauses: readonly Pause[]): void {
  writer.varint(pauses.length);
  for (const { category, until, run } of pauses) {
    writer.text(category);
    writer.instant(until);
    writer.varint(run);
  }
}

export function readPauses(reader: ByteReader): Pause[] {
  const pauses: Pause[] = [];
  for (let left = reader.varint(); left > 0; left--)
    pauses.push({ category: reader.text(), until: reader.instant(), run: reader.varint() });
  return pauses;
}
