import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readCalendar, readMomentWait, writeCalendar, writeMomentWait } from './calendar-codec.js';
import { readComputed, writeComputed } from './computed-codec.js';
import type {
  AcceptedStart,
  Counter,
  CustomerState,
  OpenMessageRef,
  Run,
  RunKey,
  Silence,
  Timer,
} from './customer-state.js';
import { readPauses, writePauses } from './pause-codec.js';
import { readIdentity, writeIdentity } from './identity-codec.js';
import { hasMemory, noMemory, readMemory, writeMemory } from './run-memory-codec.js';
import { SeenIds } from './seen-ids.js';
import { StateFormatError } from './state-format-error.js';
import { StoredEvent } from './stored-event.js';
import { Traits } from './traits.js';
import { readWrittenTraits, writeWrittenTraits } from './written-trait-codec.js';

/** First byte of every state. Version n reads n and n − 1 (engine.md, State). */
export const STATE_VERSION = 4;
/** The version before, in which an event that several rules keep is written out for each of them. */
export const STATE_VERSION_BEFORE = 3;
export type StateVersion = typeof STATE_VERSION | typeof STATE_VERSION_BEFORE;

const HAS_STARTS = 1;
const HELD_OUT = 2;
const HELD = 4;
const HAS_OCCURRENCE = 8;
const ARMED = 16;
const HAS_MESSAGES = 32;
const HAS_MEMORY = 64;
const HAS_UNTIL = 128;

const SILENCE_ARMED = 1;
const SILENCE_OVER = 2;

const writer = new ByteWriter();

/**
 * The state as it is stored, a few hundred bytes. The order of everything is kept, so equal states have equal bytes.
 * @param version the one before is written as long as processes that read no other may be at work
 */
export function encodeState(state: CustomerState, version: StateVersion = STATE_VERSION): Uint8Array {
  writer.reset(version === STATE_VERSION);
  writer.byte(version);
  writer.text(state.id);
  writer.varint(state.ruleset);
  writer.block(state.traits.stored());
  writeAll(state.runs, writeRun);
  writeAll(state.ended, writeRun);
  writeAll(state.accepted, writeAccepted);
  writer.varint(state.counters.size);
  for (const [fingerprint, counter] of state.counters) writeCounter(fingerprint, counter);
  writer.varint(state.silences.size);
  for (const [fingerprint, silence] of state.silences) writeSilence(fingerprint, silence);
  state.seen.write(writer);
  writeCalendar(writer, state.calendar);
  writeComputed(writer, state.computed);
  writePauses(writer, state.pauses);
  writeWrittenTraits(writer, state.written);
  writeIdentity(writer, state.identity);
  return writer.take();
}

/**
 * Parts of the state are views of `bytes`, which must not change while it is in use.
 * @throws StateFormatError where the bytes are no state of a version that this program reads
 */
export function decodeState(bytes: Uint8Array): CustomerState {
  const version = bytes[0];
  const reader = new ByteReader(bytes, 0, bytes.length, version === STATE_VERSION);
  reader.byte();
  if (version !== STATE_VERSION && version !== STATE_VERSION_BEFORE)
    throw new StateFormatError(`a state of version ${version} cannot be read`, { version });
  return {
    id: reader.text(),
    ruleset: reader.varint(),
    traits: new Traits(reader.block()),
    runs: readAll(reader, readRun),
    ended: readAll(reader, readRun),
    accepted: readAll(reader, readAccepted),
    counters: new Map(readAll(reader, readCounter)),
    silences: new Map(readAll(reader, readSilence)),
    seen: new SeenIds(reader.block()),
    calendar: readCalendar(reader),
    computed: readComputed(reader),
    pauses: readPauses(reader),
    written: readWrittenTraits(reader),
    identity: readIdentity(reader),
  };
}

function writeAll<T>(items: readonly T[], write: (item: T) => void): void {
  writer.varint(items.length);
  for (const item of items) write(item);
}

function readAll<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const items: T[] = [];
  for (let left = reader.varint(); left > 0; left--) items.push(read(reader));
  return items;
}

function writeRun(run: Run): void {
  const flags =
    (run.starts === null ? 0 : HAS_STARTS) |
    (run.heldOut ? HELD_OUT : 0) |
    (run.held ? HELD : 0) |
    (run.occurrence === null ? 0 : HAS_OCCURRENCE) |
    (run.fireAt === Infinity ? 0 : ARMED) |
    (run.messages.length === 0 ? 0 : HAS_MESSAGES) |
    (hasMemory(run) ? HAS_MEMORY : 0) |
    (run.until === null ? 0 : HAS_UNTIL);
  writer.byte(flags);
  writer.text(run.rule);
  writer.varint(run.version);
  writeKey(run.key);
  writer.signed(run.node);
  writeEvent(run.start);
  writer.instant(run.startedAt);
  if (run.occurrence !== null) writer.text(run.occurrence);
  if (run.starts !== null) writeAll(run.starts, writeEvent);
  if (run.fireAt !== Infinity) writeTimer(run);
  if (run.messages.length > 0) writeAll(run.messages, writeMessage);
  if (hasMemory(run)) writeMemory(writer, run);
  if (run.until !== null) writeMomentWait(writer, run.until);
}

function readRun(reader: ByteReader): Run {
  const flags = reader.byte();
  const rule = reader.text();
  const version = reader.varint();
  const key = readKey(reader);
  const node = reader.signed();
  const start = readEvent(reader);
  const startedAt = reader.instant();
  const occurrence = (flags & HAS_OCCURRENCE) === 0 ? null : reader.text();
  const starts = (flags & HAS_STARTS) === 0 ? null : readAll(reader, readEvent);
  const { due, fireAt, actsAt } = (flags & ARMED) === 0 ? NOT_ARMED : readTimer(reader);
  const messages = (flags & HAS_MESSAGES) === 0 ? [] : readAll(reader, readMessage);
  const memory = (flags & HAS_MEMORY) === 0 ? noMemory() : readMemory(reader);
  const until = (flags & HAS_UNTIL) === 0 ? null : readMomentWait(reader);
  const heldOut = (flags & HELD_OUT) !== 0;
  const held = (flags & HELD) !== 0;
  return {
    rule,
    version,
    key,
    occurrence,
    start,
    startedAt,
    starts,
    heldOut,
    node,
    held,
    due,
    fireAt,
    actsAt,
    messages,
    until,
    ...memory,
  };
}

/** What a timer is while it is not armed; `due` and `actsAt` mean nothing then. */
export const NOT_ARMED: Readonly<Timer> = { due: 0, fireAt: Infinity, actsAt: 0 };

function writeTimer(timer: Timer): void {
  writer.instant(timer.due);
  writer.instant(timer.fireAt);
  writer.instant(timer.actsAt);
}

function readTimer(reader: ByteReader): Timer {
  return { due: reader.instant(), fireAt: reader.instant(), actsAt: reader.instant() };
}

/** 0: none; 1: one text; n: a list of n − 2. */
function writeKey(key: RunKey): void {
  if (key === null) return writer.varint(0);
  if (typeof key === 'string') {
    writer.varint(1);
    return writer.text(key);
  }
  writer.varint(key.length + 2);
  for (const part of key) writer.text(part);
}

function readKey(reader: ByteReader): RunKey {
  const kind = reader.varint();
  if (kind === 0) return null;
  if (kind === 1) return reader.text();
  return Array.from({ length: kind - 2 }, () => reader.text());
}

function writeEvent(event: StoredEvent): void {
  event.write(writer);
}

function readEvent(reader: ByteReader): StoredEvent {
  return StoredEvent.read(reader);
}

function writeMessage(message: OpenMessageRef): void {
  writer.text(message.id);
  writer.instant(message.until);
}

function readMessage(reader: ByteReader): OpenMessageRef {
  return { id: reader.text(), until: reader.instant() };
}

function writeAccepted(start: AcceptedStart): void {
  writer.text(start.rule);
  writer.varint(start.key);
  writer.instant(start.time);
}

function readAccepted(reader: ByteReader): AcceptedStart {
  return { rule: reader.text(), key: reader.varint(), time: reader.instant() };
}

function writeCounter(fingerprint: number, counter: Counter): void {
  writer.varint(fingerprint);
  writer.varint(counter.total);
  writer.varint(counter.times.length);
  for (const time of counter.times) writer.instant(time);
  writeAll(counter.events, writeEvent);
}

function readCounter(reader: ByteReader): [number, Counter] {
  const fingerprint = reader.varint();
  const total = reader.varint();
  const times: number[] = [];
  for (let left = reader.varint(); left > 0; left--) times.push(reader.instant());
  return [fingerprint, { total, times, events: readAll(reader, readEvent) }];
}

function writeSilence(fingerprint: number, silence: Silence): void {
  writer.varint(fingerprint);
  writeEvent(silence.last);
  writer.byte((silence.fireAt === Infinity ? 0 : SILENCE_ARMED) | (silence.over ? SILENCE_OVER : 0));
  if (silence.fireAt !== Infinity) writeTimer(silence);
}

function readSilence(reader: ByteReader): [number, Silence] {
  const fingerprint = reader.varint();
  const last = readEvent(reader);
  const flags = reader.byte();
  const timer = (flags & SILENCE_ARMED) === 0 ? NOT_ARMED : readTimer(reader);
  return [fingerprint, { last, over: (flags & SILENCE_OVER) !== 0, ...timer }];
}
