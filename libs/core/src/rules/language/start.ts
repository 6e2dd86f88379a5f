import type { DateStart, EventStart, EveryStart, InactiveStart, ItemStart, Path, Start } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { oneOrList, readMap } from '../reading/collections.js';
import {
  elsewhere,
  type FieldTable,
  findEntry,
  optional,
  type Reader,
  readFields,
  required,
} from '../reading/fields.js';
import { timeOfDay } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { oneOf } from '../reading/scalars.js';
import type { YamlMap } from '../yaml/yaml-node.js';
import { occasionMeant } from './as-sentence.js';
import { chooseOne } from './choose-one.js';
import { condition } from './condition.js';
import { durationOfCustomer } from './duration.js';
import { everyDays } from './every.js';
import { checkDate, moment, withAt } from './moment.js';
import { MESSAGE_OCCASIONS, NAMES_OF_EVENTS, readNamedOccasion, SEGMENT_OCCASIONS, WHAT } from './occasion.js';
import { eventsAt, type PossibleEvents } from './events-at.js';
import { path, SCOPES, withEvents } from './path.js';

/** Starts that are no event have one run per customer, or one for each entry. */
const NO_KEY = { key: elsewhere('to a start with `event`') } as const;
const NO_EVENT = { ...NO_KEY, where: elsewhere('to a start with an event; who may start is asked by `who`') } as const;

export function eventStart(events: PossibleEvents) {
  return {
    event: required(NAMES_OF_EVENTS, 'The event that starts a run, or a list of events.'),
    where: optional(
      condition(withEvents(SCOPES.startWhere, events)),
      'Only an event that meets this condition starts a run.',
    ),
    key: optional(
      oneOrList(path(withEvents(SCOPES.key, events)), { max: 5 }),
      'One run for each value of this property; without it one run per customer.',
    ),
    within: elsewhere('to `goal`, or into a `has done`'),
  } satisfies FieldTable;
}

/** The path of a list of segments.yaml: only such a list can be searched for a thing over all customers. */
const computedList: Reader<Path> = {
  type: 'PATH of a computed list',
  read(node, reading) {
    const found = path(SCOPES.list).read(node, reading);
    const { computed } = reading.names;
    const [listName = ''] = found?.names ?? [];
    if (found === undefined || computed === null || (found.names.length === 1 && computed.get(listName) === 'list'))
      return found;
    const lists = [...computed].flatMap(([each, kind]) => (kind === 'list' ? [`customer.${each}`] : []));
    const closest = closestName(found.text, lists);
    const hint = closest ? `did you mean "${closest}"?` : `segments.yaml has: ${lists.join(', ') || 'none'}`;
    return reading.error(
      node.span,
      'rule/unknown-list',
      `"${found.text.slice(0, 80)}" is no computed list (${hint})`,
      closest ?? undefined,
    );
  },
};

const ANY_EVENT: Reader<InactiveStart['since']> = {
  type: `${NAMES_OF_EVENTS.type}, or \`any event\``,
  read: (node, reading) =>
    node.kind === 'scalar' && node.value === 'any event' ? 'any event' : NAMES_OF_EVENTS.read(node, reading),
};

export function inactiveStart(events: PossibleEvents) {
  return {
    inactive: required(durationOfCustomer, 'How long it has not happened again.'),
    since: required(ANY_EVENT, 'What has not happened again.'),
    where: optional(condition(withEvents(SCOPES.startWhere, events)), 'Only events that meet this condition count.'),
    ...NO_KEY,
  } satisfies FieldTable;
}

export const DATE_START = {
  date: required(moment(SCOPES.date), 'The day, or the date of a customer, or how long before or after it.'),
  every: optional(oneOf(['day', 'week', 'month', 'year']), 'Again and again; without it once for each value.'),
  at: optional(timeOfDay, "The time of day, on the customer's clock; without it the workspace's default time."),
  ...NO_EVENT,
} satisfies FieldTable;

export const EVERY_START = {
  every: required(everyDays, 'On which days; `month` is its first day.'),
  at: optional(timeOfDay, "The time of day, on the customer's clock; without it the workspace's default time."),
  ...NO_EVENT,
} satisfies FieldTable;

export function itemStart(events: PossibleEvents) {
  return {
    'item event': required(NAMES_OF_EVENTS, 'The event about a thing, or a list of events.'),
    in: required(computedList, 'The computed list that holds the thing; one run for each entry.'),
    where: optional(
      condition(withEvents(SCOPES.itemWhere, events)),
      'Only an event that meets this condition starts a run.',
    ),
    key: elsewhere('to a start with `event`; an item event has one run for each entry anyway'),
  } satisfies FieldTable;
}

const START_WORDS = {
  event: {},
  inactive: {},
  ...SEGMENT_OCCASIONS,
  ...MESSAGE_OCCASIONS,
  date: {},
  every: {},
  'item event': {},
} as const;

const TABLES = [eventStart(null), inactiveStart(null), DATE_START, EVERY_START, itemStart(null)];
const KNOWN = TABLES.flatMap((table) => Object.keys(table));

/** What starts a run. */
export const start: Reader<Start> = {
  type: 'OCCASION',
  read(node, reading) {
    const map = readMap(node, reading, WHAT, (text) => occasionMeant(text, true));
    if (map === undefined) return undefined;
    if (map.entries.some((entry) => entry.key === 'date')) return readDate(map, reading);
    const word = chooseOne(map, reading, START_WORDS, 'a start', KNOWN);
    switch (word) {
      case undefined:
        return undefined;
      case 'event':
        return readEventStart(map, reading);
      case 'inactive':
        return readInactive(map, reading);
      case 'date':
        return readDate(map, reading);
      case 'every':
        return readEvery(map, reading);
      case 'item event':
        return readItemStart(map, reading);
      default:
        return readNamedOccasion(word, map, reading);
    }
  },
};

function readEventStart(map: YamlMap, reading: Reading): EventStart | undefined {
  const fields = readFields(map, reading, eventStart(eventsAt(findEntry(map, 'event')?.value)), 'a start').complete;
  return fields && { kind: 'event', events: fields.event, where: fields.where, key: fields.key ?? [] };
}

function readInactive(map: YamlMap, reading: Reading): InactiveStart | undefined {
  const fields = readFields(
    map,
    reading,
    inactiveStart(eventsAt(findEntry(map, 'since')?.value)),
    'an inactive start',
  ).complete;
  return fields && { kind: 'inactive', duration: fields.inactive, since: fields.since, where: fields.where };
}

function readDate(map: YamlMap, reading: Reading): DateStart | undefined {
  const { complete: fields, entry } = readFields(map, reading, DATE_START, 'a `date` start');
  const date = entry('date');
  if (fields === undefined || date === undefined || !checkDate(fields.date, date.value, reading)) return undefined;
  const dated = withAt(fields.date, fields.at, entry('at'), reading);
  return dated && { kind: 'date', ...dated, every: fields.every };
}

function readEvery(map: YamlMap, reading: Reading): EveryStart | undefined {
  const fields = readFields(map, reading, EVERY_START, 'an `every` start').complete;
  return fields && { kind: 'every', days: fields.every, at: fields.at };
}

function readItemStart(map: YamlMap, reading: Reading): ItemStart | undefined {
  const fields = readFields(
    map,
    reading,
    itemStart(eventsAt(findEntry(map, 'item event')?.value)),
    'an item event',
  ).complete;
  return fields && { kind: 'item event', events: fields['item event'], list: fields.in, where: fields.where };
}
