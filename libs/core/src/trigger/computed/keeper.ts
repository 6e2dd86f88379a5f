import type { Kept, KeptEntry } from '../../customer/computed-state.js';
import type { CustomerEvent, Json } from '../../event/event.js';
import { compareTexts } from '../run-key.js';

/** How one computed attribute keeps its raw material, and reads its value off it. */
export interface Keeper {
  /**
   * Takes in an event that is counted, at its own time; false where the event alone says that there is nothing to take.
   * @param clock where the stream is, ms
   */
  take(kept: Kept, event: CustomerEvent, clock: number): boolean;
  /** An event of `until`; only lists have it. */
  takeOut?(kept: Kept, event: CustomerEvent, clock: number): void;
  /**
   * Takes in what another id of the same customer has kept: the union, as if all had been taken in here. Of what cannot be
   * told apart by time the greater text is the later, whoever is joined to whom. `from` must not be used afterwards.
   */
  join(kept: Kept, from: Kept, clock: number): void;
  /** How many entries a list has at `now`; only lists have it. */
  count?(kept: Kept, now: number): number;
  /** The value at `now`; undefined: missing. */
  read(kept: Kept | undefined, now: number): Json | undefined;
  /** The earliest instant after `now` at which time alone may change the value, ms; Infinity: never. */
  changesAt(kept: Kept, now: number): number;
}

/**
 * What has left its window so long ago is dropped when something new is taken in; until then an event that comes late
 * can still ask for the window as it was.
 */
export const LATE_MS = 7 * 86_400_000;

/** As many as a value needs to be exact (rule-language.md, Exact meaning 17: up to 100, and one to know that it is more). */
export const KEPT_ENTRIES = 101;

/** Behind those of the same time: of equals the later in the stream counts as newer. */
export function insertEntry(entries: KeptEntry[], entry: KeptEntry): void {
  let at = entries.length;
  while (at > 0 && entries[at - 1]!.time > entry.time) at--;
  entries.splice(at, 0, entry);
}

/** Both lists as one, ascending by time. */
export function joinEntries(entries: readonly KeptEntry[], others: readonly KeptEntry[]): KeptEntry[] {
  return [...entries, ...others].sort(compareEntries);
}

function compareEntries(a: KeptEntry, b: KeptEntry): number {
  if (a.time !== b.time) return a.time - b.time;
  return compareTexts(a.json, b.json) || compareTexts(a.id, b.id);
}

/** Drops what nobody can ask for any more. */
export function dropOld(entries: KeptEntry[], withinMs: number, clock: number): void {
  let old = 0;
  while (old < entries.length && clock - entries[old]!.time >= withinMs + LATE_MS) old++;
  if (old > 0) entries.splice(0, old);
}

/** Of those in the window: exactly `withinMs` ago is outside. */
export function firstInside(entries: readonly KeptEntry[], withinMs: number, now: number): number {
  let first = 0;
  while (first < entries.length && now - entries[first]!.time >= withinMs) first++;
  return first;
}

/** The instant after `now` at which the next entry leaves its window, ms. */
export function nextLapse(entries: readonly KeptEntry[], withinMs: number, now: number): number {
  const next = entries[firstInside(entries, withinMs, now)];
  return next === undefined ? Infinity : next.time + withinMs;
}

/**
 * Keeps a list within its bound: the one goes that counted for the shortest time after the one before it, never the
 * oldest or the newest.
 */
export function thin(entries: KeptEntry[], most: number): void {
  while (entries.length > most) {
    let shortest = 1;
    for (let i = 2; i < entries.length - 1; i++) if (gapBefore(entries, i) < gapBefore(entries, shortest)) shortest = i;
    entries.splice(shortest, 1);
  }
}

function gapBefore(entries: readonly KeptEntry[], index: number): number {
  return entries[index]!.time - entries[index - 1]!.time;
}
