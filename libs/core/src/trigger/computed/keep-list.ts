import type { Kept, KeptEntry, KeptRemoval } from '../../customer/computed-state.js';
import type { CustomerEvent, Json, JsonObject } from '../../event/event.js';
import type { ComputedList } from '../../rules/model.js';
import { keyTextOf } from '../../event/key-text.js';
import { firstInside, insertEntry, joinEntries, LATE_MS, nextLapse, dropOld, type Keeper } from './keeper.js';
import { jsonOf } from './keep-values.js';
import { propertyReader, type ReadProperty } from '../../event/read-property.js';

/** Characters of JSON in one list, at most: the oldest entries go, since a state has a bound. */
const LONGEST_LIST = 16_000;
/** Additions that come late are refused as far as so many removals are remembered. */
export const KEPT_REMOVALS = 50;
const NO_TEXT = '\u0000';

/** One entry for each value of a property, newest last. */
export function keepList({ property, keep, atMost }: ComputedList, withinMs: number | null): Keeper {
  const readId = propertyReader(property.names);
  const columns = [property, ...keep].map(({ names }) => ({ names, read: propertyReader(names) }));
  return {
    take(kept, event, clock) {
      const id = idOf(readId(event));
      if (id === undefined) return false;
      const isNews = !kept.entries.some((entry) => entry.id === id && entry.time > event.time);
      if (!isNews || wasRemoved(kept, id, event.time)) return true;
      kept.entries = kept.entries.filter((entry) => entry.id !== id);
      insertEntry(kept.entries, { time: event.time, id, json: entryJson(columns, event) });
      if (withinMs !== null) dropOld(kept.entries, withinMs, clock);
      trim(kept, atMost);
      return true;
    },
    takeOut(kept, event, clock) {
      const ids = namedIn(event, readId);
      for (const id of ids.length === 0 ? [null] : ids) remove(kept, { time: event.time, id });
      forgetRemovals(kept, clock);
    },
    join(kept, from, clock) {
      kept.entries = newestOfEach(
        joinEntries(
          kept.entries.filter(({ id, time }) => !wasRemoved(from, id, time)),
          from.entries.filter(({ id, time }) => !wasRemoved(kept, id, time)),
        ),
      );
      for (const removal of from.removals) rememberRemoval(kept, removal);
      forgetRemovals(kept, clock);
      if (withinMs !== null) dropOld(kept.entries, withinMs, clock);
      trim(kept, atMost);
    },
    read(kept, now) {
      if (kept === undefined) return undefined;
      const entries = kept.entries.slice(withinMs === null ? 0 : firstInside(kept.entries, withinMs, now));
      return entries.length === 0 ? undefined : entries.map(({ json }) => JSON.parse(json) as Json);
    },
    count: ({ entries }, now) => entries.length - (withinMs === null ? 0 : firstInside(entries, withinMs, now)),
    changesAt: (kept, now) => (withinMs === null ? Infinity : nextLapse(kept.entries, withinMs, now)),
  };
}

/** A number is another thing than its digits as text, as in every comparison: it has a mark in front. */
function idOf(value: Json | undefined): string | undefined {
  const text = keyTextOf(value);
  return text === undefined || typeof value === 'string' ? text : `${NO_TEXT}${text}`;
}

/** The id of an entry as the text that keys of runs and events about things have. */
export function thingOf(id: string): string {
  return id.startsWith(NO_TEXT) ? id.slice(NO_TEXT.length) : id;
}

/** The entry that it names itself, else those of its `products`. */
function namedIn(event: CustomerEvent, readId: ReadProperty): string[] {
  const own = idOf(readId(event));
  if (own !== undefined) return [own];
  const { time, properties } = event;
  const products: unknown = Object.hasOwn(properties, 'products') ? properties['products'] : undefined;
  if (!Array.isArray(products)) return [];
  return (products as Json[]).flatMap((product) => {
    if (typeof product !== 'object' || product === null || Array.isArray(product)) return [];
    return idOf(readId({ time, properties: product as JsonObject })) ?? [];
  });
}

function wasRemoved({ removals }: Kept, wanted: string, time: number): boolean {
  return removals.some((removal) => removal.time > time && (removal.id === null || removal.id === wanted));
}

function newestOfEach(entries: readonly KeptEntry[]): KeptEntry[] {
  return entries.filter(({ id }, place) => !entries.some((other, later) => later > place && other.id === id));
}

function covers(one: KeptRemoval, other: { readonly time: number; readonly id: string | null }): boolean {
  return one.time >= other.time && (one.id === null || one.id === other.id);
}

function remove(kept: Kept, removal: KeptRemoval): void {
  kept.entries = kept.entries.filter((entry) => !covers(removal, entry));
  rememberRemoval(kept, removal);
}

function forgetRemovals(kept: Kept, clock: number): void {
  kept.removals = kept.removals.filter(({ time }) => clock - time < LATE_MS).slice(-KEPT_REMOVALS);
}

function rememberRemoval(kept: Kept, removal: KeptRemoval): void {
  if (kept.removals.some((known) => covers(known, removal))) return;
  kept.removals = kept.removals.filter((known) => !covers(removal, known));
  let at = kept.removals.length;
  while (at > 0 && kept.removals[at - 1]!.time > removal.time) at--;
  kept.removals.splice(at, 0, removal);
}

function trim(kept: Kept, atMost: number): void {
  const { entries } = kept;
  if (entries.length > atMost) entries.splice(0, entries.length - atMost);
  let length = entries.reduce((total, { json }) => total + json.length, 0);
  while (length > LONGEST_LIST && entries.length > 1) length -= entries.shift()!.json.length;
}

/** An entry holds the properties along the same names as the event had them. */
function entryJson(
  columns: readonly { readonly names: readonly string[]; readonly read: ReadProperty }[],
  event: CustomerEvent,
): string {
  const entry = {};
  for (const { names, read } of columns) {
    const json = jsonOf(read(event));
    if (json !== null) put(entry, names, JSON.parse(json) as Json);
  }
  return JSON.stringify(entry);
}

type Building = { [name: string]: Json | Building };

function put(entry: Building, names: readonly string[], value: Json): void {
  let here = entry;
  for (const name of names.slice(0, -1)) {
    const inner = Object.hasOwn(here, name) ? here[name] : undefined;
    here =
      typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Building) : (here[name] = {});
  }
  here[names.at(-1)!] = value;
}

/** The entry of this thing, the newest of several, as long as it has not lapsed. */
export function entryOf(kept: Kept, id: string, withinMs: number | null, now: number): Json | undefined {
  const entry = kept.entries.findLast((each) => thingOf(each.id) === id);
  if (entry === undefined || (withinMs !== null && now - entry.time >= withinMs)) return undefined;
  return JSON.parse(entry.json) as Json;
}
