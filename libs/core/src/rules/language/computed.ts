import type { Computed, Path } from '../model.js';
import { listOf, readMap } from '../reading/collections.js';
import {
  elsewhere,
  type FieldTable,
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
import { path, SCOPES } from './path.js';

const OF_EVENTS = ['count', 'first time', 'last time', 'average gap'] as const;
const OF_PROPERTY = ['sum', 'average', 'min', 'max', 'first', 'last'] as const;
type EventKind = (typeof OF_EVENTS)[number];
type PropertyKind = (typeof OF_PROPERTY)[number];

const COMMON = {
  where: optional(condition(SCOPES.computedWhere), 'Only events that meet this condition count.'),
  within: optional(duration, 'Only events younger than this count.'),
} satisfies FieldTable;

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

function ofEvents(kind: EventKind): FieldTable {
  return {
    [kind]: required(NAMES_OF_EVENTS, EVENT_DOCS[kind]),
    ...COMMON,
    ...ONLY_OF_LISTS,
    of: elsewhere(`there: the event stands right behind \`${kind}\``),
  };
}

function ofProperty(kind: PropertyKind): FieldTable {
  return { [kind]: required(path(SCOPES.property), PROPERTY_DOCS[kind]), of: OF, ...COMMON, ...ONLY_OF_LISTS };
}

export const COMPUTED_LIST = {
  list: required(path(SCOPES.property), 'One entry for each value of this property, the newest last.'),
  of: OF,
  until: optional(NAMES_OF_EVENTS, 'Events that take out the entry they name, or those of their `products`; else all.'),
  keep: withDefault(listOf(path(SCOPES.property), { max: 50 }), [], '[]', 'Properties that an entry keeps.'),
  'at most': withDefault(wholeNumber(1, 1_000), 50, '50', 'How many entries; the oldest go.'),
  ...COMMON,
} satisfies FieldTable;

const TABLES: { readonly [kind in Computed['kind']]: FieldTable } = {
  count: ofEvents('count'),
  'first time': ofEvents('first time'),
  'last time': ofEvents('last time'),
  'average gap': ofEvents('average gap'),
  sum: ofProperty('sum'),
  average: ofProperty('average'),
  min: ofProperty('min'),
  max: ofProperty('max'),
  first: ofProperty('first'),
  last: ofProperty('last'),
  list: COMPUTED_LIST,
};

/** All keys of a computed attribute at once, for the reference. */
export const COMPUTED_KEYS: FieldTable = {
  ...Object.fromEntries(OF_EVENTS.map((kind) => [kind, optional(NAMES_OF_EVENTS, EVENT_DOCS[kind])])),
  ...Object.fromEntries(OF_PROPERTY.map((kind) => [kind, optional(path(SCOPES.property), PROPERTY_DOCS[kind])])),
  ...COMPUTED_LIST,
  list: optional(path(SCOPES.property), COMPUTED_LIST.list.doc),
  of: optional(NAMES_OF_EVENTS, 'Of which event; must be there with all that take a property.'),
};

const KNOWN = Object.keys(COMPUTED_KEYS);

/** The word of a computed attribute as far as it can be seen, for what refers to it. */
export function computedKind(map: YamlMap): Computed['kind'] | null {
  const found = map.entries.find((entry) => Object.hasOwn(TABLES, entry.key));
  return (found?.key as Computed['kind'] | undefined) ?? null;
}

/** A computed attribute before its name is put in; the name is the key beside it. */
export const computed: Reader<Unnamed> = {
  type: 'computed attribute',
  read(node, reading) {
    const map = readMap(node, reading, 'a computed attribute, such as { count: Order Completed }');
    const kind = map && chooseOne(map, reading, TABLES, 'a computed attribute', KNOWN);
    return map && kind && readKind(map, reading, kind);
  },
};

// `Omit` of a union keeps only what all of its members have; this takes the name out of each.
type WithoutName<C> = C extends unknown ? Omit<C, 'name'> : never;
export type Unnamed = WithoutName<Computed>;

function readKind(map: YamlMap, reading: Reading, kind: Computed['kind']): Unnamed | undefined {
  if (kind === 'list') return readList(map, reading);
  const fields = readFields(map, reading, TABLES[kind], `\`${kind}\``).complete as CommonFields | undefined;
  if (fields === undefined) return undefined;
  const narrowed = { where: fields.where, withinMs: fields.within };
  const ofProperty = OF_PROPERTY.find((each) => each === kind);
  if (ofProperty !== undefined)
    return { kind: ofProperty, events: fields.of, property: fields[ofProperty], ...narrowed };
  const ofEvents = OF_EVENTS.find((each) => each === kind);
  return ofEvents && { kind: ofEvents, events: fields[ofEvents], ...narrowed };
}

type CommonFields = { readonly [kind in EventKind]: readonly string[] } & {
  readonly [kind in PropertyKind]: Path;
} & {
  readonly of: readonly string[];
  readonly where: Computed['where'];
  readonly within: number | null;
};

function readList(map: YamlMap, reading: Reading): Unnamed | undefined {
  const fields = readFields(map, reading, COMPUTED_LIST, '`list`').complete;
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
