import type { Kept } from '../../customer/computed-state.js';
import type { CustomerEvent, Json } from '../../event/event.js';
import { addToBucket, bucketMs, bucketsInside, joinBuckets, nextBucketLapse } from './buckets.js';
import { dropOld, firstInside, insertEntry, joinEntries, KEPT_ENTRIES, nextLapse, type Keeper } from './keeper.js';
import { millionthsOf } from './millionths.js';
import type { ReadProperty } from '../../event/read-property.js';

const DAY_MS = 86_400_000;

interface Total {
  readonly count: number;
  readonly sum: bigint;
}

/** Sums and averages of a number; events without it are left out. Added as millionths, so that the order does not matter. */
export function keepAmounts(kind: 'sum' | 'average', read: ReadProperty, withinMs: number | null): Keeper {
  const total = totalReader(withinMs);
  return {
    take(kept, event, clock) {
      const amount = millionthsOf(read(event));
      if (amount !== null) takeAmount(kept, event, amount, withinMs, clock);
      return amount !== null;
    },
    join(kept, from, clock) {
      kept.count += from.count;
      kept.sum += from.sum;
      if (withinMs === null) return;
      joinBuckets(kept.buckets, from.buckets, withinMs, clock);
      kept.entries = joinEntries(kept.entries, from.entries);
      dropOld(kept.entries, withinMs, clock);
      thinOut(kept, withinMs, clock);
    },
    read(kept, now) {
      const { count, sum } = kept === undefined ? { count: 0, sum: 0n } : total(kept, now);
      return valueOf(kind, count, sum);
    },
    changesAt: (kept, now) => (withinMs === null ? Infinity : nextChange(kept, withinMs, now)),
  };
}

function valueOf(kind: 'sum' | 'average', count: number, sum: bigint): Json | undefined {
  if (kind === 'sum') return Number(sum) / 1e6;
  return count === 0 ? undefined : Number(sum) / 1e6 / count;
}

function takeAmount(kept: Kept, { time }: CustomerEvent, amount: bigint, withinMs: number | null, clock: number): void {
  if (withinMs === null) {
    kept.count++;
    kept.sum += amount;
    return;
  }
  const { entries, buckets } = kept;
  if (bucketMs(withinMs) === DAY_MS) return addToBucket(buckets, withinMs, time, 1, amount, clock);
  insertEntry(entries, { time, id: '', json: String(amount) });
  dropOld(entries, withinMs, clock);
  thinOut(kept, withinMs, clock);
}

function thinOut({ entries, buckets }: Kept, withinMs: number, clock: number): void {
  while (entries.length > KEPT_ENTRIES) {
    const oldest = entries.shift()!;
    addToBucket(buckets, withinMs, oldest.time, 1, BigInt(oldest.json), clock);
  }
}

function totalReader(withinMs: number | null): (kept: Kept, now: number) => Total {
  if (withinMs === null) return (kept) => kept;
  return ({ entries, buckets }, now) => {
    let count = 0;
    let sum = 0n;
    for (const bucket of bucketsInside(buckets, withinMs, now)) {
      count += bucket.count;
      sum += bucket.sum;
    }
    for (let i = firstInside(entries, withinMs, now); i < entries.length; i++) {
      count++;
      sum += BigInt(entries[i]!.json);
    }
    return { count, sum };
  };
}

function nextChange({ entries, buckets }: Kept, withinMs: number, now: number): number {
  return Math.min(nextLapse(entries, withinMs, now), nextBucketLapse(buckets, withinMs, now));
}
