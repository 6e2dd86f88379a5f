import {
  type EventOccasion,
  MESSAGE_EVENTS,
  type MessageOccasion,
  type Occasion,
  type SegmentOccasion,
} from '../model.js';
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
import type { Reading } from '../reading/reading.js';
import type { YamlMap } from '../yaml/yaml-node.js';
import { occasionMeant } from './as-sentence.js';
import { chooseOne } from './choose-one.js';
import { condition } from './condition.js';
import { eventsAt } from './events-at.js';
import { occasionScope, type Scope, SCOPES, withEvents } from './path.js';
import { knownEvent } from './tracking-plan.js';
import { segmentName, templateName } from './referred-names.js';

export const NAMES_OF_EVENTS = oneOrList(knownEvent);
export const WHAT = 'an occasion, such as { event: Order Completed }';

/** What people add to an occasion that is no event. */
const ONLY_OF_EVENTS = {
  where: elsewhere('to an occasion with `event`'),
  key: elsewhere('to a start with `event`'),
} as const;

/** Messages of a template, and segments: the word and its name are the whole occasion. */
export const MESSAGE_OCCASIONS = {
  sent: { sent: required(templateName, 'A message of this template was accepted by its provider.'), ...ONLY_OF_EVENTS },
  delivered: { delivered: required(templateName, 'A message of this template was delivered.'), ...ONLY_OF_EVENTS },
  opened: { opened: required(templateName, 'A message of this template was opened by a person.'), ...ONLY_OF_EVENTS },
  clicked: {
    clicked: required(templateName, 'A link in a message of this template was clicked by a person.'),
    ...ONLY_OF_EVENTS,
  },
  replied: { replied: required(templateName, 'A message of this template was answered.'), ...ONLY_OF_EVENTS },
  failed: { failed: required(templateName, 'A message of this template came back or failed.'), ...ONLY_OF_EVENTS },
} satisfies { readonly [word in MessageOccasion['kind']]: FieldTable };

export const SEGMENT_OCCASIONS = {
  enters: { enters: required(segmentName, 'The customer comes into this segment.'), ...ONLY_OF_EVENTS },
  leaves: { leaves: required(segmentName, 'The customer is in this segment no longer.'), ...ONLY_OF_EVENTS },
} satisfies { readonly [word in SegmentOccasion['kind']]: FieldTable };

export function eventOccasion(scope: Scope) {
  return {
    event: required(NAMES_OF_EVENTS, 'The event, or a list of events any of which counts.'),
    where: optional(condition(scope), 'Only an event that meets this condition counts.'),
    within: elsewhere('to `goal`, which says how long it counts'),
    key: elsewhere('to `start`; here `where` compares, for example { event.cart_id: start.cart_id }'),
  } satisfies FieldTable;
}

export const EVENT_OCCASION = eventOccasion(SCOPES.occasionWhere);

/** Words that say which kind of occasion it is; exactly one of them must be there. */
const OCCASION_WORDS = { event: EVENT_OCCASION, ...SEGMENT_OCCASIONS, ...MESSAGE_OCCASIONS } as const;
const ONLY_IN_START = { inactive: 'inactive', date: 'date', every: 'every', 'item event': 'item event' } as const;

/** Something that happens, in `stop` and `wait: { for }` of a run that knows this much. */
export function occasionIn(run: Scope): Reader<Occasion> {
  return occasionReader(occasionScope(run));
}

function occasionReader(scope: Scope): Reader<Occasion> {
  return {
    type: 'OCCASION',
    read(node, reading) {
      const map = readMap(node, reading, WHAT, (text) => occasionMeant(text, false));
      return map && readOccasion(map, reading, scope);
    },
  };
}

/** @param apart keys beside it that the caller reads. */
export function readOccasion(
  map: YamlMap,
  reading: Reading,
  scope: Scope,
  apart: readonly string[] = [],
): Occasion | undefined {
  const onlyInStart = map.entries.find((entry) => Object.hasOwn(ONLY_IN_START, entry.key));
  if (onlyInStart !== undefined && !map.entries.some((entry) => Object.hasOwn(OCCASION_WORDS, entry.key))) {
    return reading.shape(
      onlyInStart.keySpan,
      'one-of',
      `"${onlyInStart.key}" starts runs and stands only in \`start\`; here stands one of: ${Object.keys(OCCASION_WORDS).join(', ')}`,
    );
  }
  const word = chooseOne(map, reading, OCCASION_WORDS, 'an occasion', [...Object.keys(EVENT_OCCASION), ...apart]);
  if (word === undefined) return undefined;
  return word === 'event' ? readEvent(map, reading, scope, apart) : readNamedOccasion(word, map, reading, apart);
}

function readEvent(map: YamlMap, reading: Reading, scope: Scope, apart: readonly string[]): EventOccasion | undefined {
  const events = eventsAt(findEntry(map, 'event')?.value);
  const fields = readFields(map, reading, eventOccasion(withEvents(scope, events)), 'an occasion', apart).complete;
  return fields && { kind: 'event', events: fields.event, where: fields.where };
}

/** `enters: vip`, `opened: cart-reminder`. */
export function readNamedOccasion(
  word: SegmentOccasion['kind'] | MessageOccasion['kind'],
  map: YamlMap,
  reading: Reading,
  apart: readonly string[] = [],
): SegmentOccasion | MessageOccasion | undefined {
  if (word === 'enters' || word === 'leaves') {
    const read: { readonly [key: string]: unknown } =
      readFields(map, reading, SEGMENT_OCCASIONS[word] as FieldTable, 'an occasion', apart).complete ?? {};
    return typeof read[word] === 'string' ? { kind: word, segment: read[word] } : undefined;
  }
  const kind = MESSAGE_EVENTS.find((known) => known === word) ?? word;
  const read: { readonly [key: string]: unknown } =
    readFields(map, reading, MESSAGE_OCCASIONS[kind] as FieldTable, 'an occasion', apart).complete ?? {};
  return typeof read[word] === 'string' ? { kind, template: read[word] } : undefined;
}
