import { PROPERTY_TYPES, type TrackingPlan } from '../model.js';
import { listOf, mapOf, readMap } from '../reading/collections.js';
import { type FieldTable, findEntry, type Reader, readFields, withDefault } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { eventName, oneOf, text } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlMap, YamlNode, YamlScalar } from '../yaml/yaml-node.js';
import { closestName } from '../reading/closest-name.js';

type PropertyType = (typeof PROPERTY_TYPES)[number];
type Properties = { readonly [property: string]: PropertyType };

/** How other tools call the types. */
const TYPE_SYNONYMS: { readonly [word: string]: PropertyType } = {
  string: 'text',
  str: 'text',
  integer: 'number',
  int: 'number',
  float: 'number',
  decimal: 'number',
  boolean: 'truth',
  bool: 'truth',
  datetime: 'date',
  timestamp: 'date',
  time: 'date',
  array: 'list',
  object: 'map',
};

const propertyType: Reader<PropertyType> = {
  type: PROPERTY_TYPES.join(', '),
  allowed: PROPERTY_TYPES,
  read(node, reading) {
    const word = node.kind === 'scalar' ? String(node.value).toLowerCase() : '';
    const meant = Object.hasOwn(TYPE_SYNONYMS, word) ? TYPE_SYNONYMS[word] : undefined;
    if (meant === undefined) return oneOf(PROPERTY_TYPES).read(node, reading);
    const message = `"${word}" is called ${meant} here (allowed: ${PROPERTY_TYPES.join(', ')})`;
    return reading.error(node.span, 'value/not-allowed', message, meant);
  },
};

/** A key as the value it would be, so that the same reader says what is wrong with it. */
function keyNode(key: string, span: Span): YamlScalar {
  return { kind: 'scalar', value: key, written: key, quoted: true, empty: false, cutOff: null, span };
}

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

function propertyName(key: string, span: Span, reading: Reading): string | undefined {
  if (FORBIDDEN.includes(key))
    return reading.error(span, 'path/forbidden-name', `"${key}" is not allowed as the name of a property`);
  if (key.includes('.'))
    return reading.error(
      span,
      'path/syntax',
      `"${key.slice(0, 80)}": a name holds no point; what a map holds is not listed`,
    );
  return text({ type: 'name of a property', max: 200 }).read(keyNode(key, span), reading);
}

function nameOfEvent(key: string, span: Span, reading: Reading): string | undefined {
  if (FORBIDDEN.includes(key))
    return reading.error(span, 'path/forbidden-name', `"${key}" is not allowed as the name of an event`);
  return eventName.read(keyNode(key, span), reading);
}

/** An event without properties says nothing about them. */
const properties: Reader<Properties> = {
  type: 'map of properties to their types',
  read(node, reading) {
    const isNothing = node.kind === 'scalar' && node.value === null;
    const found = isNothing ? new Map() : mapOf(propertyType, propertyName, this.type).read(node, reading);
    return found && Object.fromEntries(found);
  },
};

const property: Reader<string> = {
  type: 'name of a property',
  read(node, reading) {
    const found = text({ type: 'name of a property', max: 200 }).read(node, reading);
    if (found === undefined) return undefined;
    const meant = /^event\.(.+)$/.exec(found)?.[1];
    if (meant === undefined) return propertyName(found, node.span, reading);
    const message = `the name of the property stands here without \`event.\`: write ${meant}`;
    return reading.error(node.span, 'path/syntax', message, meant);
  },
};

export const EVENTS = {
  events: withDefault(
    mapOf(properties, nameOfEvent, 'map of events to their properties'),
    new Map<string, Properties>(),
    '{}',
    'Every event the shop sends, with the types of its properties.',
  ),
  items: withDefault(
    mapOf(property, nameOfEvent, 'map of events to the property that names the thing'),
    new Map<string, string>(),
    '{}',
    'Events about a thing, which need no customer.',
  ),
  trusted: withDefault(
    listOf(eventName, { min: 0, max: 1_000, unique: true }),
    [],
    '[]',
    'Events that only a server key may send.',
  ),
  violations: withDefault(
    oneOf(['count', 'refuse']),
    'count',
    'count',
    'What becomes of an event that is not as described here.',
  ),
} satisfies FieldTable;

/** events.yaml. */
export function readEvents(root: YamlNode, reading: Reading): TrackingPlan | undefined {
  const map = readMap(root, reading, 'the events the shop sends');
  const fields = map && readFields(map, reading, EVENTS, 'events.yaml').complete;
  if (map === undefined || fields === undefined) return undefined;
  const plan: TrackingPlan = {
    events: Object.fromEntries(fields.events),
    items: Object.fromEntries(fields.items),
    trusted: fields.trusted,
    violations: fields.violations,
  };
  checkItems(plan, map, reading);
  checkTrusted(plan, map, reading);
  return plan;
}

/** The property that names the thing must be one of the event, where those are listed. */
function checkItems(plan: TrackingPlan, map: YamlMap, reading: Reading): void {
  const items = findEntry(map, 'items')?.value;
  if (items?.kind !== 'map') return;
  for (const { key, value } of items.entries) {
    const [known, named] = [plan.events[key], plan.items[key]];
    if (known === undefined || named === undefined || Object.keys(known).length === 0 || Object.hasOwn(known, named))
      continue;
    const closest = closestName(named, Object.keys(known));
    const hint = closest === null ? `it has: ${Object.keys(known).join(', ')}` : `did you mean "${closest}"?`;
    const message = `the event "${key}" has no property "${named}" (${hint})`;
    reading.error(value.span, 'events/unknown-property', message, closest ?? undefined);
  }
}

function checkTrusted(plan: TrackingPlan, map: YamlMap, reading: Reading): void {
  const trusted = findEntry(map, 'trusted')?.value;
  const known = [...Object.keys(plan.events), ...Object.keys(plan.items)];
  plan.trusted.forEach((name, index) => {
    if (known.includes(name)) return;
    const closest = closestName(name, known);
    const hint = closest === null ? 'list it under `events`' : `did you mean "${closest}"?`;
    const span = (trusted?.kind === 'list' ? trusted.items[index]?.span : undefined) ?? map.span;
    reading.error(span, 'events/unknown-event', `there is no event "${name}" (${hint})`, closest ?? undefined);
  });
}
