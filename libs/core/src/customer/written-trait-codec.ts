import type { Json } from '../event/event.js';
import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import type { WrittenTrait } from './customer-state.js';

export function writeWrittenTraits(writer: ByteWriter, written: readonly WrittenTrait[]): void {
  writer.varint(written.length);
  for (const { name, value, time, run } of written) {
    writer.text(name);
    writer.text(JSON.stringify(value));
    writer.instant(time);
    writer.varint(run);
  }
}

export function readWrittenTraits(reader: ByteReader): WrittenTrait[] {
  const written: WrittenTrait[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const name = reader.text();
    const value = JSON.parse(reader.text()) as Json;
    written.push({ name, value, time: reader.instant(), run: reader.varint() });
  }
  return written;
}
