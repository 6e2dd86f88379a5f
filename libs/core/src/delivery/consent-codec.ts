import { ByteReader } from '../customer/byte-reader.js';
import { ByteWriter } from '../customer/byte-writer.js';
import { CHANNELS } from '../rules/model.js';
import { readNames, writeNames } from './category-names.js';
import { CONSENT_SOURCES, type ConsentEntry } from './consent.js';
import { ContactFormatError, readColumn } from './contact-format-error.js';

const COLUMN = 'contact.consents';
const VERSION = 1;
const GIVEN = 0x80;
const writer = new ByteWriter();

/**
 * `contact.consents`: version, names of the categories, then about 5 bytes for each group of channels that one act set
 * in one category: category, channels (a bit each), `given` with the source, time.
 */
export function encodeConsents(consents: readonly ConsentEntry[]): Uint8Array {
  writer.reset();
  writer.byte(VERSION);
  const names = writeNames(writer, consents);
  for (const { entry, mask } of groupsOf(consents)) {
    writer.varint(names.get(entry.category) ?? 0);
    writer.byte(mask);
    writer.byte(CONSENT_SOURCES.indexOf(entry.source) | (entry.given ? GIVEN : 0));
    writer.instant(entry.time);
  }
  return writer.take();
}

function groupsOf(
  consents: readonly ConsentEntry[],
): Iterable<{ readonly entry: ConsentEntry; readonly mask: number }> {
  const groups = new Map<string, { readonly entry: ConsentEntry; mask: number }>();
  for (const entry of consents) {
    const key = `${entry.given} ${entry.source} ${entry.time} ${entry.category}`;
    const group = groups.get(key) ?? { entry, mask: 0 };
    group.mask |= 1 << CHANNELS.indexOf(entry.channel);
    groups.set(key, group);
  }
  return groups.values();
}

/** Empty bytes are no consents. Throws `ContactFormatError`. */
export function decodeConsents(bytes: Uint8Array): ConsentEntry[] {
  if (bytes.length === 0) return [];
  return readColumn(COLUMN, () => {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== VERSION) throw new ContactFormatError(COLUMN, 'unknown format version');
    const names = readNames(reader);
    const entries: ConsentEntry[] = [];
    while (!reader.done) entries.push(...readGroup(reader, names));
    return entries;
  });
}

function readGroup(reader: ByteReader, names: readonly string[]): ConsentEntry[] {
  const category = names[reader.varint()];
  const mask = reader.byte();
  const flags = reader.byte();
  const source = CONSENT_SOURCES[flags & ~GIVEN];
  const time = reader.instant();
  if (category === undefined || source === undefined)
    throw new ContactFormatError(COLUMN, 'unknown category or source');
  return CHANNELS.filter((_, index) => (mask & (1 << index)) !== 0).map((channel) => ({
    category,
    channel,
    given: (flags & GIVEN) !== 0,
    time,
    source,
  }));
}
