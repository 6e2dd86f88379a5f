import type { Computed, Path } from '../model.js';
import { listOf, readMap } from '../reading/collections.js';
import {
  elsewhere,
  type FieldTable,
  findEntry,
  optional,
  type Reader,
  readFields,
  required,
  withDefault,
} from '../reading/fields.js';
import { duration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { wholeNumber } from '../reading/scalars.js';
import type { YamlMap } from '../yaml/yaml-node.js';
import { chooseOne } from './choose-one.js';
import { condition } from './condition.js';
import { NAMES_OF_EVENTS } from './occasion.js';
import { eventsAt, type PossibleEvents } from './events-at.js';
import { path, SCOPES, withEvents } from './path.js';

const OF_EVENTS = ['count', 'first time', 'last time', 'average gap'] as const;
const OF_PROPERTY = ['sum', 'average', 'min', 'max', 'first', 'last'] as const;
type EventKind = (typeof OF_EVENTS)[number];
type PropertyKind = (typeof OF_PROPERTY)[number];

function common(events: PossibleEvents) {
  return {
    where: optional(condition(withEvents(SCOPES.computedWhere, events)), 'Only events that meet this condition count.'),
    within: optional(duration, 'Only events younger than this count.'),
  } satisfies FieldTable;
}

function propertyOf(events: PossibleEvents): Reader<Path> {
  return path(withEvents(SCOPES.property, events));
}

const ONLY_OF_LISTS = {
  until: elsewhere('to a `list`'),
  keep: elsewhere('to a `list`'),
  'at most': elsewhere('to a `list`'),
} as const;

const EVENT_DOCS: { readonly [kind in EventKind]: string } = {
  count: 'How many there were; 0 of none.',
  'first time': 'When the first one was; missing of none.',
  'last time': 'When the latest one was; missing of none.',
  'average gap': 'The average time between two; unknown until there are two.',
};

const PROPERTY_DOCS: { readonly [kind in PropertyKind]: string } = {
  sum: 'The sum of this property; 0 of none.',
  average: 'The average of this property.',
  min: 'The least value of this property.',
  max: 'The greatest value of this property.',
  first: 'The first value of this property.',
  last: 'The latest value of this property.',
};

const OF = required(NAMES_OF_EVENTS, 'Of which event, or of any of a list of events.');

function ofEvents(kind: EventKind, events: PossibleEvents): FieldTable {
  return {
    [kind]: required(NAMES_OF_EVENTS, EVENT_DOCS[kind]),
    ...common(events),
    ...ONLY_OF_LISTS,
    of: elsewhere(`there: the event stands right behind \`${kind}\``),
  };
}

function ofProperty(kind: PropertyKind, events: PossibleEvents): FieldTable {
  return {
    [kind]: required(propertyOf(events), PROPERTY_DOCS[kind]),
    of: OF,
    ...common(events),
    ...ONLY_OF_LISTS,
  };
}

export function computedList(events: PossibleEvents) {
  return {
    list: required(propertyOf(events), 'One entry for each value of this property, the newest last.'),
    of: OF,
    until: optional(
      NAMES_OF_EVENTS,
      'Events that take out the entry they name, or those of their `products`; else all.',
    ),
    keep: withDefault(listOf(propertyOf(events), { max: 50 }), [], '[]', 'Properties that an entry keeps.'),
    'at most': withDefault(wholeNumber(1, 1_000), 50, '50', 'How many entries; the oldest go.'),
    ...common(events),
  } satisfies FieldTable;
}

/** All keys of a computed attribute at once, for the reference. */
export const COMPUTED_KEYS: FieldTable = {
  ...Object.fromEntries(OF_EVENTS.map((kind) => [kind, optional(NAMES_OF_EVENTS, EVENT_DOCS[kind])])),
  ...Object.fromEntries(OF_PROPERTY.map((kind) => [kind, optional(propertyOf(null), PROPERTY_DOCS[kind])])),
  ...computedList(null),
  list: optional(propertyOf(null), computedList(null).list.doc),
  of: optional(NAMES_OF_EVENTS, 'Of which event; must be there with all that take a property.'),
};

const WORDS: { readonly [kind in Computed['kind']]: object } = {
  ...(Object.fromEntries([...OF_EVENTS, ...OF_PROPERTY].map((kind) => [kind, {}])) as {
    readonly [kind in EventKind | PropertyKind]: object;
  }),
  list: {},
};
const KNOWN = Object.keys(COMPUTED_KEYS);

/** The word of a computed attribute as far as it can be seen, for what refers to it. */
export function computedKind(map: YamlMap): Computed['kind'] | null {
  const found = map.entries.find((entry) => Object.hasOwn(WORDS, entry.key));
  return (found?.key as Computed['kind'] | undefined) ?? null;
}

/** A computed attribute before its name is put in; the name is the key beside it. */
export const computed: Reader<Unnamed> = {
  type: 'computed attribute',
  read(node, reading) {
    const map = readMap(node, reading, 'a computed attribute, such as { count: Order Completed }');
    const kind = map && chooseOne(map, reading, WORDS, 'a computed attribute', KNOWN);
    return map && kind && readKind(map, reading, kind);
  },
};

// `Omit` of a union keeps only what all of its members have; this takes the name out of each.
type WithoutName<C> = C extends unknown ? Omit<C, 'name'> : never;
export type Unnamed = WithoutName<Computed>;

function readKind(map: YamlMap, reading: Reading, kind: Computed['kind']): Unnamed | undefined {
  const eventKind = OF_EVENTS.find((each) => each === kind);
  const events = eventsAt(findEntry(map, eventKind ?? 'of')?.value);
  if (kind === 'list') return readList(map, events, reading);
  const table = eventKind === undefined ? ofProperty(kind as PropertyKind, events) : ofEvents(eventKind, events);
  const fields = readFields(map, reading, table, `\`${kind}\``).complete as CommonFields | undefined;
  if (fields === undefined) return undefined;
  const narrowed = { where: fields.where, withinMs: fields.within };
  if (eventKind !== undefined) return { kind: eventKind, events: fields[eventKind], ...narrowed };
  const propertyKind = kind as PropertyKind;
  return { kind: propertyKind, events: fields.of, property: fields[propertyKind], ...narrowed };
}

type CommonFields = { readonly [kind in EventKind]: readonly string[] } & {
  readonly [kind in PropertyKind]: Path;
} & {
  readonly of: readonly string[];
  readonly where: Computed['where'];
  readonly within: number | null;
};

function readList(map: YamlMap, events: PossibleEvents, reading: Reading): Unnamed | undefined {
  const fields = readFields(map, reading, computedList(events), '`list`').complete;
  return (
    fields && {
      kind: 'list',
      events: fields.of,
      property: fields.list,
      until: fields.until ?? [],
      keep: fields.keep,
      atMost: fields['at most'],
      where: fields.where,
      withinMs: fields.within,
    }
  );
}
