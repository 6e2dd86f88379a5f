import { CHANNELS } from '../rules/model.js';
import { ByteReader, ByteWriter, NameTable } from './binary.js';
import { CONSENT_SOURCES, type ConsentEntry } from './consent.js';

const VERSION = 1;
const GROUP_BYTES = 9;
const GIVEN = 0x80;

/**
 * `contact.consents`: version, names of the categories, then 9 bytes for each group of channels that one act set in one
 * category: category 1, channels 1 (a bit each), `given` and source 1, time 6.
 */
export function encodeConsents(consents: readonly ConsentEntry[]): Uint8Array {
  const names = new NameTable();
  const groups = new Map<string, { readonly entry: ConsentEntry; mask: number }>();
  for (const entry of consents) {
    const key = `${names.add(entry.category)} ${entry.given} ${entry.source} ${entry.time}`;
    const group = groups.get(key) ?? { entry, mask: 0 };
    group.mask |= 1 << CHANNELS.indexOf(entry.channel);
    groups.set(key, group);
  }
  const writer = new ByteWriter(1 + names.size + groups.size * GROUP_BYTES);
  writer.uint8(VERSION);
  names.write(writer);
  for (const { entry, mask } of groups.values()) {
    writer.uint8(names.add(entry.category));
    writer.uint8(mask);
    writer.uint8(CONSENT_SOURCES.indexOf(entry.source) | (entry.given ? GIVEN : 0));
    writer.instant(entry.time);
  }
  return writer.bytes;
}

/** Empty bytes are no consents. Throws `ContactFormatError`. */
export function decodeConsents(bytes: Uint8Array): ConsentEntry[] {
  if (bytes.length === 0) return [];
  const reader = new ByteReader('contact.consents', bytes);
  if (reader.uint8() !== VERSION) throw reader.error('unknown format version');
  const names = NameTable.read(reader);
  const entries: ConsentEntry[] = [];
  while (!reader.atEnd) entries.push(...readGroup(reader, names));
  return entries;
}

function readGroup(reader: ByteReader, names: readonly string[]): ConsentEntry[] {
  const category = names[reader.uint8()];
  const mask = reader.uint8();
  const flags = reader.uint8();
  const source = CONSENT_SOURCES[flags & ~GIVEN];
  const time = reader.instant();
  if (category === undefined || source === undefined) throw reader.error('unknown category or source');
  return CHANNELS.filter((_, index) => (mask & (1 << index)) !== 0).map((channel) => ({ category, channel, given: (flags & GIVEN) !== 0, time, source }));
}
