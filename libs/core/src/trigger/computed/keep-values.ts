import type { Kept, KeptEntry } from '../../customer/computed-state.js';
import type { Json } from '../../event/event.js';
import {
  dropOld,
  firstInside,
  insertEntry,
  joinEntries,
  KEPT_ENTRIES,
  nextLapse,
  thin,
  type Keeper,
} from './keeper.js';
import type { ReadProperty } from '../../event/read-property.js';

/** JSON text longer than this is not kept: a state has a bound. */
const LONGEST_VALUE = 2000;

/** The smallest or largest number. Of a window those are kept that will be it when the ones before have left. */
export function keepExtreme(kind: 'min' | 'max', property: ReadProperty, withinMs: number | null): Keeper {
  const sign = kind === 'max' ? 1 : -1;
  const rank = ({ json }: KeptEntry): number => sign * Number(json);
  const covers = (one: KeptEntry, other: KeptEntry): boolean => one.time >= other.time && rank(one) >= rank(other);
  const takeEntry = (kept: Kept, entry: KeptEntry, clock: number): void => {
    if (withinMs === null) {
      if (kept.entries.length === 0 || rank(entry) > rank(kept.entries[0]!)) kept.entries = [entry];
    } else if (!kept.entries.some((known) => covers(known, entry))) {
      kept.entries = kept.entries.filter((known) => !covers(entry, known));
      keepWithin(kept, entry, withinMs, clock);
    }
  };
  return {
    take(kept, event, clock) {
      const value = property(event);
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      takeEntry(kept, { time: event.time, id: '', json: String(value) }, clock);
      return true;
    },
    join(kept, from, clock) {
      for (const entry of from.entries) takeEntry(kept, entry, clock);
    },
    read(kept, now) {
      const entry = oldest(kept, withinMs, now);
      return entry === undefined ? undefined : Number(entry.json);
    },
    changesAt: (kept, now) => (withinMs === null ? Infinity : nextLapse(kept.entries, withinMs, now)),
  };
}

/** The value of the earliest event that had it. */
export function keepFirst(property: ReadProperty, withinMs: number | null): Keeper {
  return {
    take(kept, event, clock) {
      const json = jsonOf(property(event));
      if (json === null) return false;
      const entry = { time: event.time, id: '', json };
      if (withinMs !== null) keepWithin(kept, entry, withinMs, clock);
      else if (kept.entries.length === 0 || entry.time < kept.entries[0]!.time) kept.entries = [entry];
      return true;
    },
    join(kept, from, clock) {
      kept.entries = joinEntries(kept.entries, from.entries);
      if (withinMs === null) kept.entries = kept.entries.slice(0, 1);
      else thinWithin(kept, withinMs, clock);
    },
    read: (kept, now) => parsed(oldest(kept, withinMs, now)),
    changesAt: (kept, now) => (withinMs === null ? Infinity : nextLapse(kept.entries, withinMs, now)),
  };
}

/** The value of the latest event that had it; an event that comes late does not move it backwards. */
export function keepLast(property: ReadProperty, withinMs: number | null): Keeper {
  return {
    take(kept, event) {
      const json = jsonOf(property(event));
      if (json === null) return false;
      if (kept.entries.length === 0 || event.time >= kept.entries[0]!.time)
        kept.entries = [{ time: event.time, id: '', json }];
      return true;
    },
    join(kept, from) {
      kept.entries = joinEntries(kept.entries, from.entries).slice(-1);
    },
    read: (kept, now) => parsed(oldest(kept, withinMs, now)),
    changesAt: (kept, now) => (withinMs === null ? Infinity : nextLapse(kept.entries, withinMs, now)),
  };
}

/** null where it is missing, or too long to be kept. */
export function jsonOf(value: Json | undefined): string | null {
  if (value === undefined) return null;
  const json = JSON.stringify(value);
  return json.length > LONGEST_VALUE ? null : json;
}

function keepWithin(kept: Kept, entry: KeptEntry, withinMs: number, clock: number): void {
  insertEntry(kept.entries, entry);
  thinWithin(kept, withinMs, clock);
}

function thinWithin(kept: Kept, withinMs: number, clock: number): void {
  dropOld(kept.entries, withinMs, clock);
  thin(kept.entries, KEPT_ENTRIES);
}

function oldest(kept: Kept | undefined, withinMs: number | null, now: number): KeptEntry | undefined {
  if (kept === undefined) return undefined;
  return kept.entries[withinMs === null ? 0 : firstInside(kept.entries, withinMs, now)];
}

function parsed(entry: KeptEntry | undefined): Json | undefined {
  return entry === undefined ? undefined : (JSON.parse(entry.json) as Json);
}
