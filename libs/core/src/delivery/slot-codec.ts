import { CHANNELS } from '../rules/model.js';
import { ByteReader, ByteWriter, NameTable } from './binary.js';
import type { Slot } from './decision.js';

const VERSION = 1;
const SLOT_BYTES = 37;
const COUNTS = 0x80;

/**
 * `contact.slots`: version, names of the categories, then 37 bytes a slot: message id 16, from 6, length 4, content 8,
 * channel and `counts` 1, category 1, priority 1. Ids are UUID texts.
 */
export function encodeSlots(slots: readonly Slot[]): Uint8Array {
  const names = new NameTable();
  for (const slot of slots) names.add(slot.category);
  const writer = new ByteWriter(1 + names.size + slots.length * SLOT_BYTES);
  writer.uint8(VERSION);
  names.write(writer);
  for (const slot of slots) {
    writer.hex(slot.messageId.replaceAll('-', ''));
    writer.instant(slot.from);
    writer.uint32(slot.to - slot.from);
    writer.hex(slot.content);
    writer.uint8(CHANNELS.indexOf(slot.channel) | (slot.counts ? COUNTS : 0));
    writer.uint8(names.add(slot.category));
    writer.uint8(slot.priority);
  }
  return writer.bytes;
}

/** Empty bytes are no slots. Throws `ContactFormatError`. */
export function decodeSlots(bytes: Uint8Array): Slot[] {
  if (bytes.length === 0) return [];
  const reader = new ByteReader('contact.slots', bytes);
  if (reader.uint8() !== VERSION) throw reader.error('unknown format version');
  const names = NameTable.read(reader);
  const slots: Slot[] = [];
  while (!reader.atEnd) slots.push(readSlot(reader, names));
  return slots;
}

function readSlot(reader: ByteReader, names: readonly string[]): Slot {
  const id = reader.hex(16);
  const from = reader.instant();
  const to = from + reader.uint32();
  const content = reader.hex(8);
  const flags = reader.uint8();
  const channel = CHANNELS[flags & ~COUNTS];
  const category = names[reader.uint8()];
  const priority = reader.uint8();
  if (channel === undefined || category === undefined) throw reader.error('unknown channel or category');
  const messageId = `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
  return { messageId, from, to, channel, category, priority, content, counts: (flags & COUNTS) !== 0 };
}
