// Computed attributes, from the list of everything the customer did.
import { heldThen, isEqual, valueAt } from './conditions.mjs';
import { DAY } from './wall-clock.mjs';

const dayOf = (instant) => Math.floor(instant / DAY);

/** Sums and averages over more than 7 days keep whole UTC days, everything else is younger than the window is long. */
function isYoungEnough(definition, time, now) {
  const { within, kind } = definition;
  if (within === undefined) return true;
  if ((kind === 'sum' || kind === 'average') && within > 7 * DAY) return dayOf(time) >= dayOf(now - within);
  return time > now - within;
}

/** Events in the order of their own times, of equal times in that of the stream. */
const byTime = (events) => [...events].sort((a, b) => a.time - b.time);

function eventsFor({ events, where }, scope) {
  const named = scope.customer.events.filter((event) => event.type === 'track' && events.includes(event.name));
  return byTime(named.filter((event) => heldThen(where, event, scope)));
}

const asMillionths = (number) => BigInt(Math.round(number * 1e6));
const sumOf = (numbers) => Number(numbers.reduce((sum, number) => sum + asMillionths(number), 0n)) / 1e6;
const isoOf = (event) => event && new Date(event.time).toISOString();

function averageGap(events) {
  if (events.length < 2) return undefined;
  return Math.round((events[events.length - 1].time - events[0].time) / (events.length - 1));
}

function ofEvents(kind, events) {
  if (kind === 'count') return events.length;
  if (kind === 'first time') return isoOf(events[0]);
  if (kind === 'last time') return isoOf(events[events.length - 1]);
  return averageGap(events);
}

function ofProperty(kind, values) {
  if (kind === 'first') return values[0];
  if (kind === 'last') return values[values.length - 1];
  const numbers = values.filter((value) => typeof value === 'number');
  if (kind === 'sum') return sumOf(numbers);
  if (numbers.length === 0) return undefined;
  if (kind === 'average') return sumOf(numbers) / numbers.length;
  return kind === 'min' ? Math.min(...numbers) : Math.max(...numbers);
}

const nameOf = (path) => path.slice('event.'.length);

/** The things an `until` event names by the list's property, else those of its `products`; undefined when it names none. */
function namedBy(event, definition) {
  const { path } = definition;
  const own = valueAt(path, { event });
  if (own !== undefined) return [own];
  const { products } = event.properties;
  const named = (Array.isArray(products) ? products : [])
    .map((product) => valueAt(`item.${nameOf(path)}`, { item: product }))
    .filter((value) => value !== undefined);
  return named.length > 0 ? named : undefined;
}

function entryOf(event, id, { path, keep }) {
  const entry = { [nameOf(path)]: id };
  for (const each of keep) {
    const value = valueAt(each, { event });
    if (value !== undefined) entry[nameOf(each)] = value;
  }
  return entry;
}

/** Replays what adds and what takes out, in the order of the events' times. */
function listOf(definition, scope) {
  const added = new Set(eventsFor(definition, scope));
  const relevant = byTime(
    scope.customer.events.filter(
      (event) => added.has(event) || (event.type === 'track' && definition.until.includes(event.name)),
    ),
  );
  let entries = [];
  for (const event of relevant) {
    if (definition.until.includes(event.name)) {
      const named = namedBy(event, definition);
      entries = named === undefined ? [] : entries.filter((each) => !named.some((id) => isEqual(each.id, id)));
    }
    const id = added.has(event) ? valueAt(definition.path, { event }) : undefined;
    if (id === undefined) continue;
    entries = [...entries.filter((each) => !isEqual(each.id, id)), { id, event }].slice(-definition.atMost);
  }
  return entries
    .filter(({ event }) => isYoungEnough(definition, event.time, scope.now))
    .map(({ id, event }) => entryOf(event, id, definition));
}

/** The property that names the things of a list. */
export const idOfList = (name, { computed }) => nameOf(computed[name].path);

/** The entries of a list, [] for one of nothing. */
export function entriesOf(name, scope) {
  return listOf(scope.workspace.computed[name], scope);
}

/** The value as of scope.now, undefined where it is missing. A gap is in milliseconds. */
export function computedValue(name, scope) {
  const definition = scope.workspace.computed[name];
  if (definition.kind === 'list') {
    const entries = listOf(definition, scope);
    return entries.length > 0 ? entries : undefined;
  }
  const events = eventsFor(definition, scope).filter((event) => isYoungEnough(definition, event.time, scope.now));
  if (definition.path === undefined) return ofEvents(definition.kind, events);
  const values = events.map((event) => valueAt(definition.path, { event })).filter((value) => value !== undefined);
  return ofProperty(definition.kind, values);
}
