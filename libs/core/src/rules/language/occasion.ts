import type { EventOccasion, EventStart, InactiveStart, Rule } from '../model.js';
import { oneOrList, readMap } from '../reading/collections.js';
import { type FieldTable, notYet, optional, type Reader, readFields, required } from '../reading/fields.js';
import { duration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { eventName } from '../reading/scalars.js';
import type { YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { condition } from './condition.js';
import { chooseOne } from './choose-one.js';
import { path, SCOPES } from './path.js';

const NAMES_OF_EVENTS = oneOrList(eventName);

const MESSAGE_OCCASIONS = {
  sent: notYet,
  delivered: notYet,
  opened: notYet,
  clicked: notYet,
  replied: notYet,
  failed: notYet,
} as const;
const SEGMENT_OCCASIONS = { enters: notYet, leaves: notYet } as const;

export const EVENT_OCCASION = {
  event: required(NAMES_OF_EVENTS, 'The event, or a list of events any of which counts.'),
  where: optional(condition(SCOPES.occasionWhere), 'Only an event that meets this condition counts.'),
} satisfies FieldTable;

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
  inactive: required(duration, 'How long it has not happened again.'),
  since: required(ANY_EVENT, 'What has not happened again.'),
  where: optional(condition(SCOPES.startWhere), 'Only events that meet this condition count.'),
} satisfies FieldTable;

/** Words that say which kind of occasion it is; exactly one of them must be there. */
const OCCASION_WORDS = { event: EVENT_OCCASION, ...SEGMENT_OCCASIONS, ...MESSAGE_OCCASIONS } as const;
const START_WORDS = {
  event: EVENT_START,
  inactive: INACTIVE_START,
  ...SEGMENT_OCCASIONS,
  ...MESSAGE_OCCASIONS,
  date: notYet,
  every: notYet,
  'item event': notYet,
} as const;

const WHAT = 'an occasion, such as { event: Order Completed }';

/** Something that happens, in `stop`, `goal` and `wait: { for }`. */
export const occasion: Reader<EventOccasion> = {
  type: 'OCCASION',
  read(node, reading) {
    const map = readMap(node, reading, WHAT);
    return map && readOccasion(map, reading);
  },
};

export function readOccasion(map: YamlMap, reading: Reading, apart: readonly string[] = []): EventOccasion | undefined {
  const word = chooseOne(map, reading, OCCASION_WORDS, 'an occasion', [...Object.keys(EVENT_OCCASION), ...apart]);
  const fields = word && readFields(map, reading, EVENT_OCCASION, 'an occasion', apart).complete;
  return fields && { kind: 'event', events: fields.event, where: fields.where };
}

/** What starts a run. */
export const start: Reader<Rule['starts'][number]> = {
  type: 'OCCASION',
  read: (node: YamlNode, reading: Reading) => {
    const map = readMap(node, reading, WHAT);
    const known = [...Object.keys(EVENT_START), ...Object.keys(INACTIVE_START)];
    const word = map && chooseOne(map, reading, START_WORDS, 'a start', known);
    if (map === undefined || word === undefined) return undefined;
    return word === 'inactive' ? readInactive(map, reading) : readEventStart(map, reading);
  },
};

function readEventStart(map: YamlMap, reading: Reading): EventStart | undefined {
  const fields = readFields(map, reading, EVENT_START, 'a start').complete;
  return fields && { kind: 'event', events: fields.event, where: fields.where, key: fields.key ?? [] };
}

function readInactive(map: YamlMap, reading: Reading): InactiveStart | undefined {
  const fields = readFields(map, reading, INACTIVE_START, 'an inactive start').complete;
  return (
    fields && {
      kind: 'inactive',
      duration: { kind: 'fixed', ms: fields.inactive, days: 0 },
      since: fields.since,
      where: fields.where,
    }
  );
}
