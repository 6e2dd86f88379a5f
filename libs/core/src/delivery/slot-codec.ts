import { ByteReader } from '../customer/byte-reader.js';
import { ByteWriter } from '../customer/byte-writer.js';
import { CHANNELS } from '../rules/model.js';
import { readNames, writeNames } from './category-names.js';
import { ContactFormatError, readColumn } from './contact-format-error.js';
import type { Slot } from './decision.js';

const COLUMN = 'contact.slots';
const VERSION = 1;
const COUNTS = 0x80;
const writer = new ByteWriter();

/**
 * `contact.slots`: version, names of the categories, then about 35 bytes a slot: message id, from as the difference to
 * the one before, length, content, channel with `counts`, category, priority.
 */
export function encodeSlots(slots: readonly Slot[]): Uint8Array {
  writer.reset();
  writer.byte(VERSION);
  const names = writeNames(writer, slots);
  for (const slot of slots) {
    writer.text(slot.messageId);
    writer.instant(slot.from);
    writer.varint(slot.to - slot.from);
    writer.varint(Number.parseInt(slot.content.slice(0, 8), 16));
    writer.varint(Number.parseInt(slot.content.slice(8), 16));
    writer.byte(CHANNELS.indexOf(slot.channel) | (slot.counts ? COUNTS : 0));
    writer.varint(names.get(slot.category) ?? 0);
    writer.byte(slot.priority);
  }
  return writer.take();
}

/** Empty bytes are no slots. Throws `ContactFormatError`. */
export function decodeSlots(bytes: Uint8Array): Slot[] {
  if (bytes.length === 0) return [];
  return readColumn(COLUMN, () => {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== VERSION) throw new ContactFormatError(COLUMN, 'unknown format version');
    const names = readNames(reader);
    const slots: Slot[] = [];
    while (!reader.done) slots.push(readSlot(reader, names));
    return slots;
  });
}

function readSlot(reader: ByteReader, names: readonly string[]): Slot {
  const messageId = reader.text();
  const from = reader.instant();
  const to = from + reader.varint();
  const content = hex(reader.varint()) + hex(reader.varint());
  const flags = reader.byte();
  const channel = CHANNELS[flags & ~COUNTS];
  const category = names[reader.varint()];
  const priority = reader.byte();
  if (channel === undefined || category === undefined)
    throw new ContactFormatError(COLUMN, 'unknown channel or category');
  return { messageId, from, to, channel, category, priority, content, counts: (flags & COUNTS) !== 0 };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
