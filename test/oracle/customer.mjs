// One customer: profile, everything she did so far, runs, messages.
import { isZone } from './wall-clock.mjs';

export function newCustomer(id) {
  return {
    id,
    traits: new Map(),
    consents: new Map(),
    hasToken: false,
    seenIds: new Set(),
    events: [],
    runs: [],
    latestStarts: [],
    silences: new Map(),
    open: [],
    sent: [],
    decisions: [],
  };
}

function keepLatest(map, name, value, time) {
  const known = map.get(name);
  if (known === undefined || time >= known.time) map.set(name, { value, time });
}

/** Traits, consents and tokens an event carries; the last writer on event time stays, of equal times the later in the file. */
export function updateProfile(customer, record) {
  for (const [name, value] of Object.entries(record.traits)) keepLatest(customer.traits, name, value, record.time);
  for (const [category, preference] of Object.entries(record.consent ?? {}))
    keepLatest(customer.consents, category, preference, record.time);
  if (record.token) customer.hasToken = true;
}

export function traitOf(customer, name) {
  const value = customer.traits.get(name)?.value;
  return value === null ? undefined : value;
}

export function zoneOf(customer, workspace) {
  const zone = traitOf(customer, 'timezone');
  return isZone(zone) ? zone : workspace.zone;
}

/** What conditions are judged against. */
export function scopeOf(customer, workspace, now, more = {}) {
  return { customer, now, zone: zoneOf(customer, workspace), defaultTime: workspace.defaultTime, ...more };
}
