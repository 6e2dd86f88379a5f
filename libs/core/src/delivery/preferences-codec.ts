import { ByteReader } from '../customer/byte-reader.js';
import { ByteWriter } from '../customer/byte-writer.js';
import { CHANNELS } from '../rules/model.js';
import { ContactFormatError, readColumn } from './contact-format-error.js';
import type { ContactPreferences } from './decision.js';

const COLUMN = 'contact.preferences';
const VERSION = 1;
const NO_CHANNEL = 0xff;
const ONLY = 1;
const QUIET = 2;
const PAUSED = 4;
const CAP = 8;
const writer = new ByteWriter();

/**
 * `contact.preferences`: version, preferred channel, channels that are off (a bit each), flags, then what the flags say is
 * there (quiet hours, end of the pause, cap), then the pauses of rules that she ended: category and the end they had.
 */
export function encodePreferences(preferences: ContactPreferences): Uint8Array {
  const { channel, only, off, quiet, pausedUntil, cap, endedPauses } = preferences;
  writer.reset();
  writer.byte(VERSION);
  writer.byte(channel === null ? NO_CHANNEL : CHANNELS.indexOf(channel));
  writer.byte(off.reduce((mask, each) => mask | (1 << CHANNELS.indexOf(each)), 0));
  writer.byte((only ? ONLY : 0) | (quiet ? QUIET : 0) | (pausedUntil === null ? 0 : PAUSED) | (cap ? CAP : 0));
  if (quiet !== null) {
    writer.varint(quiet.from);
    writer.varint(quiet.to);
  }
  if (pausedUntil !== null) writer.instant(pausedUntil);
  if (cap !== null) {
    writer.varint(cap.atMost);
    writer.varint(cap.days);
  }
  for (const [category, until] of Object.entries(endedPauses)) {
    writer.text(category);
    writer.instant(until);
  }
  return writer.take();
}

/** null and empty bytes: she has chosen nothing. Throws `ContactFormatError`. */
export function decodePreferences(bytes: Uint8Array | null): ContactPreferences | null {
  if (bytes === null || bytes.length === 0) return null;
  return readColumn(COLUMN, () => {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== VERSION) throw new ContactFormatError(COLUMN, 'unknown format version');
    const index = reader.byte();
    const channel = index === NO_CHANNEL ? null : CHANNELS[index];
    if (channel === undefined) throw new ContactFormatError(COLUMN, 'unknown channel');
    const mask = reader.byte();
    const flags = reader.byte();
    const quiet = flags & QUIET ? { from: reader.varint(), to: reader.varint() } : null;
    const pausedUntil = flags & PAUSED ? reader.instant() : null;
    const cap = flags & CAP ? { atMost: reader.varint(), days: reader.varint() } : null;
    const ended: [string, number][] = [];
    while (!reader.done) ended.push([reader.text(), reader.instant()]);
    return {
      channel,
      only: (flags & ONLY) !== 0,
      off: CHANNELS.filter((_, at) => (mask & (1 << at)) !== 0),
      quiet,
      pausedUntil,
      cap,
      endedPauses: Object.fromEntries(ended),
    };
  });
}
