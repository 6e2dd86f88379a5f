import {
  readers,
  type FieldTable,
  type Json,
  type JsonObject,
  type Reader,
  type Reading,
  type Workspace,
  type YamlMap,
} from '#core';
import { ANSWERS, type Answer, type TestEvent } from '../test-file.js';
import { jsonMap, readEntries } from './json-value.js';
import { placeOf, type TestPlaces } from './places.js';

const WORDS = { event: {}, traits: {}, opens: {}, clicks: {}, 'replies to': {}, bounces: {} } as const;
const RESERVED = [...Object.keys(WORDS), 'at', 'customer', 'item', 'properties'];
const properties = jsonMap('properties');
const traits = jsonMap('traits');
const { required, withDefault } = readers;

type Call = TestEvent['call'];

/**
 * `{ at: +1h, customer: ann, event: Product Added, price: 30 }`, `{ at, customer, traits: { … } }`,
 * `{ at, customer, opens: cart-reminder }`, `{ at, item: p1, event: Product Updated, stock: 3 }`.
 */
export function testEvent(places: TestPlaces): Reader<TestEvent> {
  return {
    type: 'event',
    read(node, reading) {
      const map = readers.readMap(node, reading, 'an event, such as { at: +0m, customer: ann, event: Product Added }');
      if (map === undefined) return undefined;
      const word = readers.chooseOne(map, reading, WORDS, 'an event', RESERVED);
      if (word === undefined) return undefined;
      const call = readCall(map, word, places, reading);
      return call && { at: call.at, place: placeOf(map, reading), call: call.call };
    },
  };
}

function atOf(places: TestPlaces) {
  return required(places.at, 'When it happens and reaches the stream.');
}

function traitsTable(places: TestPlaces) {
  return {
    at: atOf(places),
    customer: required(places.customer, 'Whose traits they are.'),
    traits: required(traits, 'Traits that the customer gets.'),
  };
}

function answerTable(answer: Answer, places: TestPlaces) {
  return {
    at: atOf(places),
    customer: required(places.customer, 'Who answers.'),
    [answer]: required(readers.templateName, `The template; ${ANSWERS[answer]} of the latest message of it.`),
  };
}

function eventTable(places: TestPlaces) {
  return { at: atOf(places), customer: required(places.customer, 'Whose event it is.'), ...EVENT };
}

function itemTable(places: TestPlaces) {
  return { at: atOf(places), item: required(thing, 'The thing that the event is about.'), ...EVENT };
}

/** Every key that an event of a test may have, by what kind of event it is. */
export function eventTables(places: TestPlaces): readonly FieldTable[] {
  const answers = (Object.keys(ANSWERS) as Answer[]).map((answer) => answerTable(answer, places) as FieldTable);
  return [eventTable(places), itemTable(places), traitsTable(places), ...answers];
}

type CallRead = { readonly at: number; readonly call: Call } | undefined;

function readCall(map: YamlMap, word: keyof typeof WORDS, places: TestPlaces, reading: Reading): CallRead {
  switch (word) {
    case 'event':
      return readers.findEntry(map, 'item') === undefined
        ? readEvent(map, places, reading)
        : readItemEvent(map, places, reading);
    case 'traits': {
      const fields = readers.readFields(map, reading, traitsTable(places), 'an event').complete;
      return (
        fields && { at: fields.at, call: { kind: 'traits', customer: fields.customer, traits: fields.traits } as const }
      );
    }
    default:
      return readAnswer(map, word, places, reading);
  }
}

function readAnswer(map: YamlMap, answer: Answer, places: TestPlaces, reading: Reading): CallRead {
  const table = answerTable(answer, places);
  const fields = readers.readFields(map, reading, table, 'an event').complete;
  if (fields === undefined) return undefined;
  const {
    at: when,
    customer,
    [answer]: template,
  } = fields as { at: number; customer: string } & Record<Answer, string>;
  return { at: when, call: { kind: 'answer', customer, answer, template } };
}

function named(map: YamlMap, reading: Reading): { readonly free: readonly string[]; readonly values?: JsonObject } {
  const entries = map.entries.filter(({ key }) => !RESERVED.includes(key));
  const values = readEntries(entries, reading);
  return { free: entries.map(({ key }) => key), ...(values === undefined ? {} : { values }) };
}

const EVENT = {
  event: required(readers.eventName, 'Name of the event; all other names are its properties.'),
  properties: withDefault(properties, {}, '{}', 'Properties whose names have a meaning here.'),
};

function readEvent(map: YamlMap, places: TestPlaces, reading: Reading): CallRead {
  const { free, values } = named(map, reading);
  const { complete: fields, entry } = readers.readFields(map, reading, eventTable(places), 'an event', free);
  if (fields === undefined || values === undefined) return undefined;
  const { customer, event: name } = fields;
  if (itemProperty(places.workspace, name) !== null) {
    return reading.error(
      entry('event')!.value.span,
      'test/item-event',
      `"${name}" is an event about a thing (\`items\` of events.yaml): write "item" instead of "customer"`,
    );
  }
  return { at: fields.at, call: { kind: 'event', customer, name, properties: { ...values, ...fields.properties } } };
}

function readItemEvent(map: YamlMap, places: TestPlaces, reading: Reading): CallRead {
  const { free, values } = named(map, reading);
  const { complete: fields, entry } = readers.readFields(
    map,
    reading,
    itemTable(places),
    'an event about a thing',
    free,
  );
  if (fields === undefined || values === undefined) return undefined;
  const { event: name, item } = fields;
  const all: JsonObject = { ...values, ...fields.properties };
  const property = itemProperty(places.workspace, name);
  if (places.workspace !== null && property === null) {
    return reading.error(
      entry('event')!.value.span,
      'test/item-event',
      `"${name}" is no event about a thing: list it under \`items\` in events.yaml, with the property that names the thing`,
    );
  }
  const written = property === null ? undefined : valueAt(all, property.split('.'));
  if (written !== undefined && JSON.stringify(written) !== JSON.stringify(item) && written !== Number(item)) {
    return reading.error(
      entry('item')!.value.span,
      'test/item-event',
      `the event is about ${JSON.stringify(written)} by its property ${property}, not about "${item}"`,
    );
  }
  const properties = property === null || written !== undefined ? all : withValue(all, property.split('.'), item);
  return { at: fields.at, call: { kind: 'item', item, name, properties } };
}

/** A text, or a number that stands for one: keys are compared as texts. */
const thing: Reader<string> = {
  type: 'id of a thing',
  read(node, reading) {
    const scalar = readers.readScalar(node, reading, 'the id of a thing');
    return scalar && String(scalar.value);
  },
};

/** The property that names the thing, by events.yaml; null: the event is not about a thing. */
function itemProperty(workspace: Workspace | null, event: string): string | null {
  const items = workspace?.events?.items ?? {};
  return Object.hasOwn(items, event) ? items[event]! : null;
}

function valueAt(properties: JsonObject, names: readonly string[]): Json | undefined {
  let value: Json | undefined = properties;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

function withValue(properties: JsonObject, [first, ...rest]: readonly string[], value: Json): JsonObject {
  if (first === undefined) return properties;
  if (rest.length === 0) return { ...properties, [first]: value };
  const inner = valueAt(properties, [first]);
  const map = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {};
  return { ...properties, [first]: withValue(map, rest, value) };
}
