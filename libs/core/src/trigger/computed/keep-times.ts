import type { Kept, KeptEntry } from '../../customer/computed-state.js';
import type { CustomerEvent, Json } from '../../event/event.js';
import { formatInstant } from '../../event/instant.js';
import { addToBucket, bucketsInside, joinBuckets, lastBucketStart, nextBucketLapse } from './buckets.js';
import { dropOld, firstInside, insertEntry, joinEntries, KEPT_ENTRIES, nextLapse, type Keeper } from './keeper.js';

const DAY_MS = 86_400_000;

/** Events of a time span: how many, the first and the last. */
export interface Span {
  readonly count: number;
  /** ms; meaningless where the count is 0. */
  readonly first: number;
  readonly last: number;
}

export type TimesKind = 'count' | 'first time' | 'last time' | 'average gap';

/** What has to do with when events happened, and nothing else. */
export function keepTimes(kind: TimesKind, withinMs: number | null): Keeper {
  const spanOf = spanReader(withinMs);
  return {
    take(kept, event, clock) {
      if (withinMs === null) takeForEver(kept, event);
      else takeWithin(kept, event, clock, withinMs);
      return true;
    },
    join: (kept, from, clock) =>
      withinMs === null ? joinForEver(kept, from) : joinWithin(kept, from, clock, withinMs),
    read: (kept, now) => valueOf(kind, kept === undefined ? NOTHING : spanOf(kept, now)),
    changesAt: (kept, now) => (withinMs === null ? Infinity : nextChange(kept, withinMs, now)),
  };
}

const NOTHING: Span = { count: 0, first: 0, last: 0 };

export function spanReader(withinMs: number | null): (kept: Kept, now: number) => Span {
  return withinMs === null ? spanForEver : (kept, now) => spanWithin(kept, withinMs, now);
}

/** ms between two events on average; null: unknown until there are two. */
export function averageGapMs({ count, first, last }: Span): number | null {
  return count < 2 ? null : (last - first) / (count - 1);
}

function valueOf(kind: TimesKind, span: Span): Json | undefined {
  switch (kind) {
    case 'count':
      return span.count;
    case 'first time':
      return span.count === 0 ? undefined : formatInstant(span.first);
    case 'last time':
      return span.count === 0 ? undefined : formatInstant(span.last);
    case 'average gap': {
      const gap = averageGapMs(span);
      return gap === null ? undefined : gap / DAY_MS;
    }
  }
}

/** Two entries, the first and the last time; of one event they are one. */
function takeForEver(kept: Kept, { time }: CustomerEvent): void {
  const { first, last } = kept.count === 0 ? { first: time, last: time } : spanForEver(kept);
  kept.count++;
  kept.entries = entriesOf(Math.min(first, time), Math.max(last, time));
}

function entriesOf(first: number, last: number): KeptEntry[] {
  const times = first === last ? [first] : [first, last];
  return times.map((time) => ({ time, id: '', json: '' }));
}

function spanForEver({ count, entries }: Kept): Span {
  return { count, first: entries[0]?.time ?? 0, last: entries.at(-1)?.time ?? 0 };
}

/** The newest times exactly; those that are too many by whole hours or days. */
function takeWithin(kept: Kept, { time }: CustomerEvent, clock: number, withinMs: number): void {
  const { entries, buckets } = kept;
  insertEntry(entries, { time, id: '', json: '' });
  dropOld(entries, withinMs, clock);
  while (entries.length > KEPT_ENTRIES) addToBucket(buckets, withinMs, entries.shift()!.time, 1, 0n, clock);
}

function joinForEver(kept: Kept, from: Kept): void {
  if (from.count === 0) return;
  const [one, other] = [spanForEver(kept), spanForEver(from)];
  const isFirst = kept.count === 0;
  kept.entries = isFirst ? from.entries : entriesOf(Math.min(one.first, other.first), Math.max(one.last, other.last));
  kept.count += from.count;
}

function joinWithin(kept: Kept, from: Kept, clock: number, withinMs: number): void {
  const { buckets } = kept;
  kept.entries = joinEntries(kept.entries, from.entries);
  joinBuckets(buckets, from.buckets, withinMs, clock);
  dropOld(kept.entries, withinMs, clock);
  const start = lastBucketStart(buckets, withinMs);
  const { entries } = kept;
  // Buckets hold what is older than the entries: what one side knew exactly may be older than what the other counted.
  while (entries.length > 0 && (entries.length > KEPT_ENTRIES || entries[0]!.time < start))
    addToBucket(buckets, withinMs, entries.shift()!.time, 1, 0n, clock);
}

function spanWithin({ entries, buckets }: Kept, withinMs: number, now: number): Span {
  const from = firstInside(entries, withinMs, now);
  const exact = { count: entries.length - from, first: entries[from]?.time ?? 0, last: entries.at(-1)?.time ?? 0 };
  if (from > 0 || buckets.length === 0) return exact;
  const inside = bucketsInside(buckets, withinMs, now);
  if (inside.length === 0) return exact;
  const more = inside.reduce((total, bucket) => total + bucket.count, 0);
  const first = inside.find((bucket) => now - bucket.first < withinMs)?.first ?? exact.first;
  return { count: more + exact.count, first, last: exact.last };
}

function nextChange({ entries, buckets }: Kept, withinMs: number, now: number): number {
  const next = Math.min(nextLapse(entries, withinMs, now), nextBucketLapse(buckets, withinMs, now));
  const first = buckets.find((bucket) => now - bucket.first < withinMs);
  return first === undefined ? next : Math.min(next, first.first + withinMs);
}
