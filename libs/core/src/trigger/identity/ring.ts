import { StoredEvent } from '../../customer/stored-event.js';
import type { CustomerEvent, Json, JsonObject } from '../../event/event.js';
import type { RingPlan } from './compile-ring.js';

/** engine.md, State. */
const KEPT_EVENTS = 32;
const KEPT_MS = 7 * 86_400_000;
/** Of the whole ring: what `as` names is kept whole, and a state has a bound. */
const KEPT_BYTES = 4096;

/** Remembers an event that a run handed over later may be held against. */
export function rememberInRing(ring: StoredEvent[], { fields }: RingPlan, event: CustomerEvent): void {
  const properties = fields === null ? event.properties : pick(event.properties, fields);
  const kept = StoredEvent.of({ id: '', name: event.name, time: event.time, properties });
  let at = ring.length;
  while (at > 0 && ring[at - 1]!.time > kept.time) at--;
  ring.splice(at, 0, kept);
  boundRing(ring);
}

/** Takes over what is remembered of another id of the same customer. */
export function joinRings(ring: StoredEvent[], other: readonly StoredEvent[]): void {
  if (other.length === 0) return;
  ring.push(...other);
  ring.sort((a, b) => a.time - b.time);
  boundRing(ring);
}

/** Drops what is older than a run that is handed over may be held against. */
export function pruneRing(ring: StoredEvent[], logTime: number): void {
  let old = 0;
  while (old < ring.length && ring[old]!.time <= logTime - KEPT_MS) old++;
  if (old > 0) ring.splice(0, old);
}

function boundRing(ring: StoredEvent[]): void {
  let bytes = 0;
  let first = ring.length;
  while (first > 0 && ring.length - first < KEPT_EVENTS) {
    bytes += ring[first - 1]!.size;
    if (bytes > KEPT_BYTES && first < ring.length) break;
    first--;
  }
  if (first > 0) ring.splice(0, first);
}

function pick(properties: JsonObject, names: readonly string[]): JsonObject {
  const entries: [string, Json][] = [];
  for (const name of names) {
    const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (value !== undefined) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}
