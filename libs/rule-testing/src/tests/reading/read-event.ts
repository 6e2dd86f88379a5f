import { readers, type Reader, type Reading, type YamlMap } from '#core';
import type { TestEvent } from '../test-file.js';
import { jsonMap, readEntries } from './json-value.js';
import type { TestPlaces } from './places.js';

const { notYet } = readers;
const WORDS = { event: {}, traits: {}, opens: notYet, clicks: notYet, 'replies to': notYet, bounces: notYet };
const RESERVED = [...Object.keys(WORDS), 'at', 'customer', 'item', 'properties'];
const properties = jsonMap('properties');
const traits = jsonMap('traits');

/** `{ at: +1h, customer: ann, event: Product Added, price: 30 }` or `{ at, customer, traits: { … } }`. */
export function testEvent(places: TestPlaces): Reader<TestEvent> {
  return {
    type: 'event',
    read(node, reading) {
      const map = readers.readMap(node, reading, 'an event, such as { at: +0m, customer: ann, event: Product Added }');
      if (map === undefined) return undefined;
      const item = readers.findEntry(map, 'item');
      if (item !== undefined) return readers.refuseNotYet(item.keySpan, 'item', reading);
      const word = readers.chooseOne(map, reading, WORDS, 'an event', RESERVED);
      return word && readCall(map, word, places, reading);
    },
  };
}

function readCall(
  map: YamlMap,
  word: 'event' | 'traits',
  { at, customer }: TestPlaces,
  reading: Reading,
): TestEvent | undefined {
  const where = {
    at: readers.required(at, 'When it happens and reaches the stream.'),
    customer: readers.required(customer, 'Whose event it is.'),
  };
  switch (word) {
    case 'event': {
      const free = map.entries.filter(({ key }) => !RESERVED.includes(key));
      const table = {
        ...where,
        event: readers.required(readers.eventName, 'Name of the event; all other names are its properties.'),
        properties: readers.withDefault(properties, {}, '{}', 'Properties whose names have a meaning here.'),
      };
      const fields = readers.readFields(
        map,
        reading,
        table,
        'an event',
        free.map(({ key }) => key),
      ).complete;
      const named = readEntries(free, reading);
      if (fields === undefined || named === undefined) return undefined;
      return {
        at: fields.at,
        customer: fields.customer,
        call: { kind: 'event', name: fields.event, properties: { ...named, ...fields.properties } },
      };
    }
    case 'traits': {
      const fields = readers.readFields(
        map,
        reading,
        { ...where, traits: readers.required(traits, 'Traits that the customer gets.') },
        'an event',
      ).complete;
      return fields && { at: fields.at, customer: fields.customer, call: { kind: 'traits', traits: fields.traits } };
    }
  }
}
