import type { DateStart, EventStart, EveryStart, InactiveStart, ItemStart, Start } from '../model.js';
import { oneOrList, readMap } from '../reading/collections.js';
import { elsewhere, type FieldTable, optional, type Reader, readFields, required } from '../reading/fields.js';
import { timeOfDay } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { oneOf } from '../reading/scalars.js';
import type { YamlMap } from '../yaml/yaml-node.js';
import { chooseOne } from './choose-one.js';
import { condition } from './condition.js';
import { durationOfCustomer } from './duration.js';
import { everyDays } from './every.js';
import { checkDate, moment, withAt } from './moment.js';
import { MESSAGE_OCCASIONS, NAMES_OF_EVENTS, readNamedOccasion, SEGMENT_OCCASIONS, WHAT } from './occasion.js';
import { path, SCOPES } from './path.js';

/** Starts that are no event have one run per customer, or one for each entry. */
const NO_KEY = { key: elsewhere('to a start with `event`') } as const;
const NO_EVENT = { ...NO_KEY, where: elsewhere('to a start with an event; who may start is asked by `who`') } as const;

export const EVENT_START = {
  event: required(NAMES_OF_EVENTS, 'The event that starts a run, or a list of events.'),
  where: optional(condition(SCOPES.startWhere), 'Only an event that meets this condition starts a run.'),
  key: optional(
    oneOrList(path(SCOPES.key), { max: 5 }),
    'One run for each value of this property; without it one run per customer.',
  ),
} satisfies FieldTable;

const ANY_EVENT: Reader<InactiveStart['since']> = {
  type: `${NAMES_OF_EVENTS.type}, or \`any event\``,
  read: (node, reading) =>
    node.kind === 'scalar' && node.value === 'any event' ? 'any event' : NAMES_OF_EVENTS.read(node, reading),
};

export const INACTIVE_START = {
  inactive: required(durationOfCustomer, 'How long it has not happened again.'),
  since: required(ANY_EVENT, 'What has not happened again.'),
  where: optional(condition(SCOPES.startWhere), 'Only events that meet this condition count.'),
  ...NO_KEY,
} satisfies FieldTable;

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

export const ITEM_START = {
  'item event': required(NAMES_OF_EVENTS, 'The event about a thing, or a list of events.'),
  in: required(path(SCOPES.list), 'The computed list that holds the thing; one run for each entry.'),
  where: optional(condition(SCOPES.itemWhere), 'Only an event that meets this condition starts a run.'),
  key: elsewhere('to a start with `event`; an item event has one run for each entry anyway'),
} satisfies FieldTable;

const START_WORDS = {
  event: EVENT_START,
  inactive: INACTIVE_START,
  ...SEGMENT_OCCASIONS,
  ...MESSAGE_OCCASIONS,
  date: DATE_START,
  every: EVERY_START,
  'item event': ITEM_START,
} as const;

const KNOWN = [EVENT_START, INACTIVE_START, DATE_START, EVERY_START, ITEM_START].flatMap((table) => Object.keys(table));

/** What starts a run. */
export const start: Reader<Start> = {
  type: 'OCCASION',
  read(node, reading) {
    const map = readMap(node, reading, WHAT);
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
  const fields = readFields(map, reading, EVENT_START, 'a start').complete;
  return fields && { kind: 'event', events: fields.event, where: fields.where, key: fields.key ?? [] };
}

function readInactive(map: YamlMap, reading: Reading): InactiveStart | undefined {
  const fields = readFields(map, reading, INACTIVE_START, 'an inactive start').complete;
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
  const fields = readFields(map, reading, ITEM_START, 'an item event').complete;
  return fields && { kind: 'item event', events: fields['item event'], list: fields.in, where: fields.where };
}
