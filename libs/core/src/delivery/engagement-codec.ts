import { ByteReader } from '../customer/byte-reader.js';
import { ByteWriter } from '../customer/byte-writer.js';
import { CHANNELS } from '../rules/model.js';
import { ContactFormatError, readColumn } from './contact-format-error.js';
import { EngagementRecord, type ReceivedMessage } from './engagement.js';

const COLUMN = 'contact.engagement';
const VERSION = 1;
const writer = new ByteWriter();
const HALF = 0x1_0000_0000;

/**
 * `contact.engagement`: version, then about 18 bytes for each received message: fingerprint of its id, channel, instant,
 * and how much later the latest answer came.
 */
export function encodeEngagement({ messages }: EngagementRecord): Uint8Array {
  writer.reset();
  writer.byte(VERSION);
  for (const { id, channel, at, answeredAt } of messages) {
    if (id === null) continue;
    writer.varint(Math.floor(id / HALF));
    writer.varint(id % HALF);
    writer.byte(CHANNELS.indexOf(channel));
    writer.instant(at);
    // 0: none. An answer that is older than the acceptance (clocks differ) counts from it.
    writer.varint(answeredAt === null ? 0 : Math.max(answeredAt - at, 0) + 1);
  }
  return writer.take();
}

/** null and empty bytes are an empty record. Throws `ContactFormatError`. */
export function decodeEngagement(bytes: Uint8Array | null): EngagementRecord {
  if (bytes === null || bytes.length === 0) return new EngagementRecord();
  return readColumn(COLUMN, () => {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== VERSION) throw new ContactFormatError(COLUMN, 'unknown format version');
    const messages: ReceivedMessage[] = [];
    while (!reader.done) messages.push(readMessage(reader));
    return new EngagementRecord(messages);
  });
}

function readMessage(reader: ByteReader): ReceivedMessage {
  const high = reader.varint();
  const id = high * HALF + reader.varint();
  const channel = CHANNELS[reader.byte()];
  if (channel === undefined) throw new ContactFormatError(COLUMN, 'unknown channel');
  const at = reader.instant();
  const answered = reader.varint();
  return { id, channel, at, answeredAt: answered === 0 ? null : at + answered - 1, said: null };
}
