import type { KeptBucket } from '../../customer/computed-state.js';
import { LATE_MS } from './keeper.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_BY_HOURS_MS = 7 * DAY_MS;

/** What sums and large counts of a window are kept by: hours up to 7 days, whole UTC days above (engine.md, State). */
export function bucketMs(withinMs: number): number {
  return withinMs > LONGEST_BY_HOURS_MS ? DAY_MS : HOUR_MS;
}

/** Adds so many, of this sum in millionths, at an event time; drops what nobody can ask for any more. */
// eslint-disable-next-line max-params -- one call for what is one thing: an amount at a time
export function addToBucket(
  buckets: KeptBucket[],
  withinMs: number,
  time: number,
  count: number,
  sum: bigint,
  clock: number,
): void {
  const index = Math.floor(time / bucketMs(withinMs));
  let at = buckets.length;
  while (at > 0 && buckets[at - 1]!.index >= index) at--;
  const known = buckets[at];
  if (known?.index === index) {
    known.count += count;
    known.sum += sum;
    known.first = Math.min(known.first, time);
  } else {
    buckets.splice(at, 0, { index, count, sum, first: time });
  }
  let old = 0;
  while (old < buckets.length && leavesAt(buckets[old]!.index, withinMs) + LATE_MS <= clock) old++;
  if (old > 0) buckets.splice(0, old);
}

/** Adds other buckets of the same window to these. */
export function joinBuckets(
  buckets: KeptBucket[],
  others: readonly KeptBucket[],
  withinMs: number,
  clock: number,
): void {
  for (const { first, count, sum } of others) addToBucket(buckets, withinMs, first, count, sum, clock);
}

/** Where the last bucket begins, ms: what is older is counted by buckets alone; -Infinity: there is none. */
export function lastBucketStart(buckets: readonly KeptBucket[], withinMs: number): number {
  const last = buckets.at(-1);
  return last === undefined ? -Infinity : last.index * bucketMs(withinMs);
}

export function bucketsInside(buckets: readonly KeptBucket[], withinMs: number, now: number): readonly KeptBucket[] {
  let first = 0;
  while (first < buckets.length && leavesAt(buckets[first]!.index, withinMs) <= now) first++;
  return first === 0 ? buckets : buckets.slice(first);
}

/** The instant after `now` at which the next bucket leaves the window, ms. */
export function nextBucketLapse(buckets: readonly KeptBucket[], withinMs: number, now: number): number {
  const next = bucketsInside(buckets, withinMs, now)[0];
  return next === undefined ? Infinity : leavesAt(next.index, withinMs);
}

/** A bucket stays as long as something in it may be younger than the window is long: to its end, and the window more. */
function leavesAt(index: number, withinMs: number): number {
  return (index + 1) * bucketMs(withinMs) + withinMs;
}
