import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import {
  isNothingComputed,
  newComputedState,
  type ComputedState,
  type Kept,
  type KeptBucket,
  type KeptEntry,
  type KeptRemoval,
  type Membership,
} from './computed-state.js';

const SOMETHING = 1;
const ARMED = 2;

const HAS_SUM = 1;
const HAS_IDS = 2;
const HAS_VALUES = 4;
const HAS_BUCKETS = 8;
const HAS_REMOVALS = 16;

const INSIDE = 1;
const FLIPS = 2;

/** Sums are written in two halves, each a safe integer whatever the sum. */
const HALF = 1_000_000_000_000_000n;

/** The section of computed attributes and segments at the end of a state; one byte where there is nothing. */
export function writeComputed(writer: ByteWriter, state: ComputedState): void {
  if (isNothingComputed(state)) return writer.byte(0);
  const isArmed = state.flip.fireAt !== Infinity;
  writer.byte(SOMETHING | (isArmed ? ARMED : 0));
  if (isArmed) {
    writer.instant(state.flip.due);
    writer.instant(state.flip.fireAt);
    writer.instant(state.flip.actsAt);
  }
  writer.varint(state.kept.size);
  for (const [fingerprint, kept] of state.kept) {
    writer.varint(fingerprint);
    writeKept(writer, kept);
  }
  writer.varint(state.memberships.size);
  for (const [fingerprint, { inside, flipsAt }] of state.memberships) {
    writer.varint(fingerprint);
    const flips = flipsAt !== Infinity;
    writer.byte((inside ? INSIDE : 0) | (flips ? FLIPS : 0));
    if (flips) writer.instant(flipsAt);
  }
}

export function readComputed(reader: ByteReader): ComputedState {
  const flags = reader.byte();
  if (flags === 0) return newComputedState();
  const flip =
    (flags & ARMED) === 0
      ? newComputedState().flip
      : { due: reader.instant(), fireAt: reader.instant(), actsAt: reader.instant() };
  const kept = new Map<number, Kept>();
  for (let left = reader.varint(); left > 0; left--) kept.set(reader.varint(), readKept(reader));
  const memberships = new Map<number, Membership>();
  for (let left = reader.varint(); left > 0; left--) {
    const fingerprint = reader.varint();
    const known = reader.byte();
    memberships.set(fingerprint, {
      inside: (known & INSIDE) !== 0,
      flipsAt: (known & FLIPS) === 0 ? Infinity : reader.instant(),
    });
  }
  return { kept, memberships, flip };
}

function writeKept(writer: ByteWriter, kept: Kept): void {
  const hasIds = kept.entries.some(({ id }) => id !== '');
  const hasValues = kept.entries.some(({ json }) => json !== '');
  writer.byte(
    (kept.sum === 0n ? 0 : HAS_SUM) |
      (hasIds ? HAS_IDS : 0) |
      (hasValues ? HAS_VALUES : 0) |
      (kept.buckets.length === 0 ? 0 : HAS_BUCKETS) |
      (kept.removals.length === 0 ? 0 : HAS_REMOVALS),
  );
  writer.varint(kept.count);
  if (kept.sum !== 0n) writeSum(writer, kept.sum);
  writer.varint(kept.entries.length);
  for (const { time, id, json } of kept.entries) {
    writer.instant(time);
    if (hasIds) writer.text(id);
    if (hasValues) writer.text(json);
  }
  if (kept.buckets.length > 0) writeBuckets(writer, kept.buckets);
  if (kept.removals.length > 0) writeRemovals(writer, kept.removals);
}

function readKept(reader: ByteReader): Kept {
  const flags = reader.byte();
  const count = reader.varint();
  const sum = (flags & HAS_SUM) === 0 ? 0n : readSum(reader);
  const entries: KeptEntry[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const time = reader.instant();
    const id = (flags & HAS_IDS) === 0 ? '' : reader.text();
    entries.push({ time, id, json: (flags & HAS_VALUES) === 0 ? '' : reader.text() });
  }
  const buckets = (flags & HAS_BUCKETS) === 0 ? [] : readBuckets(reader);
  const removals = (flags & HAS_REMOVALS) === 0 ? [] : readRemovals(reader);
  return { count, sum, entries, buckets, removals };
}

function writeBuckets(writer: ByteWriter, buckets: readonly KeptBucket[]): void {
  writer.varint(buckets.length);
  let before = 0;
  for (const { index, count, sum, first } of buckets) {
    writer.signed(index - before);
    writer.varint(count);
    writeSum(writer, sum);
    writer.instant(first);
    before = index;
  }
}

function readBuckets(reader: ByteReader): KeptBucket[] {
  const buckets: KeptBucket[] = [];
  let index = 0;
  for (let left = reader.varint(); left > 0; left--) {
    index += reader.signed();
    buckets.push({ index, count: reader.varint(), sum: readSum(reader), first: reader.instant() });
  }
  return buckets;
}

function writeRemovals(writer: ByteWriter, removals: readonly KeptRemoval[]): void {
  writer.varint(removals.length);
  for (const { time, id } of removals) {
    writer.instant(time);
    writer.byte(id === null ? 0 : 1);
    if (id !== null) writer.text(id);
  }
}

function readRemovals(reader: ByteReader): KeptRemoval[] {
  const removals: KeptRemoval[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const time = reader.instant();
    removals.push({ time, id: reader.byte() === 0 ? null : reader.text() });
  }
  return removals;
}

function writeSum(writer: ByteWriter, sum: bigint): void {
  writer.signed(Number(sum % HALF));
  writer.signed(Number(sum / HALF));
}

function readSum(reader: ByteReader): bigint {
  const low = BigInt(reader.signed());
  return BigInt(reader.signed()) * HALF + low;
}
