// One customer: profile, everything she did so far, runs, messages.
import { isZone } from './wall-clock.mjs';

export function newCustomer(id) {
  return {
    id,
    formerIds: [],
    traits: new Map(),
    pendingSets: [],
    consents: [],
    pauses: [],
    hasToken: false,
    seenIds: new Set(),
    events: [],
    segments: new Set(),
    segmentsLookedAt: -Infinity,
    looks: [],
    emitted: [],
    emittedCount: 0,
    sentCount: 0,
    runs: [],
    latestStarts: [],
    silences: new Map(),
    calendar: new Map(),
    knownSince: undefined,
    open: [],
    sent: [],
    received: [],
    feedback: [],
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
  for (const [category, value] of Object.entries(record.consent ?? {}))
    customer.consents.push({ category, value, time: record.time });
  if (record.token) customer.hasToken = true;
}

/** What a run wrote with `set` is seen by all rules from the customer's next event on. */
export function mergePendingSets(customer) {
  for (const { name, value, time } of customer.pendingSets) keepLatest(customer.traits, name, value, time);
  customer.pendingSets = [];
}

/** Her traits as a run sees them: with what it wrote itself. */
export function asSeenBy(customer, run) {
  const own = customer.pendingSets.filter((set) => set.run === run);
  if (own.length === 0) return customer;
  const traits = new Map(customer.traits);
  for (const { name, value, time } of own) traits.set(name, { value, time });
  return { ...customer, traits };
}

/** Her traits as delivery sees them: with what all runs wrote. */
export function asSeenByDelivery(customer) {
  const traits = new Map(customer.traits);
  for (const { name, value, time } of customer.pendingSets) keepLatest(traits, name, value, time);
  return { ...customer, traits };
}

export function traitOf(customer, name) {
  const value = customer.traits.get(name)?.value;
  return value === null ? undefined : value;
}

export function zoneOf(customer, workspace) {
  const zone = traitOf(customer, 'timezone');
  return isZone(zone) ? zone : workspace.zone;
}

/** The latest word about a category on a channel: a recorded preference (undefined where there is none). */
export function consentOf(customer, category, channel) {
  let latest;
  for (const said of customer.consents) {
    const isAbout = said.category === category && (said.channels === undefined || said.channels.includes(channel));
    if (isAbout && (latest === undefined || said.time >= latest.time)) latest = said;
  }
  return latest?.value ?? undefined;
}

/** A pause of each run; the longest holds. */
export function isPaused(customer, category, now) {
  return customer.pauses.some((pause) => pause.category === category && now < pause.until);
}

/** What conditions are judged against. */
export function scopeOf(customer, workspace, now, more = {}) {
  return { customer, workspace, now, zone: zoneOf(customer, workspace), defaultTime: workspace.defaultTime, ...more };
}

/** What a run knows beside the customer; a message keeps it as it was when it was planned. */
export function knownBy(run) {
  const { start, starts, names, frames } = run;
  const round = frames.findLast((frame) => frame.repeat !== undefined)?.round;
  return {
    start: start.event,
    startTime: start.time,
    starts: starts.slice(-50),
    names: { ...names },
    repeat: round === undefined ? undefined : { count: round },
  };
}

export function scopeOfRun(context, run, now, more = {}) {
  return scopeOf(asSeenBy(context.customer, run), context.workspace, now, { ...knownBy(run), ...more });
}
