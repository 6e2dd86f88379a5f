import { CHANNELS, exactlyOne, mapSchema, valueSchema, type FieldTable, type JsonSchema } from '#core';
import { eventTables } from './reading/read-event.js';
import { expectationTables, outcomeTable } from './reading/read-expectation.js';
import { HEAD, placesOf, testsIn } from './reading/read-test-file.js';
import { testTable } from './reading/read-test.js';

const ref = (definition: string): JsonSchema => ({ $ref: `#/definitions/${definition}` });
const NAME: JsonSchema = { type: ['string', 'number'] };
const OFFSET = '\\+(?:\\d+(?:ms|[dhms]))+';
const INSTANT = '\\d{4}-\\d\\d-\\d\\dT.+';
const list = (definition: string): JsonSchema => ({ type: 'array', items: ref(definition) });

/** Values that only files of tests have; all others are those of the language. */
const SCHEMAS: { readonly [type: string]: JsonSchema } = {
  'instant with a zone': { type: 'string', pattern: `^${INSTANT}$` },
  '+1d2h30m from `clock`, or an instant with a zone': { type: 'string', pattern: `^(?:${OFFSET}|${INSTANT})$` },
  'name of a customer': NAME,
  'id of a thing': NAME,
  'map of customers': { type: 'object', additionalProperties: ref('customer') },
  'map of traits': { type: 'object' },
  'map of properties': { type: 'object' },
  'map of values': { type: 'object' },
  'map of traits, or their paths': { type: ['object', 'array', 'string'] },
  'map RULE: holdout, or the name of a branch or variant': {
    type: 'object',
    additionalProperties: { type: ['string', 'array'] },
  },
  'list of tests': list('test'),
  'list of events': list('event'),
  'list of expectations': list('expectation'),
  'list of explanations': list('explanation'),
};

function value(type: string, place: string): JsonSchema {
  return SCHEMAS[type] ?? valueSchema(type, place);
}

/** Of `*.test.yaml`, from the tables that read them. */
export function testFileSchema(): JsonSchema {
  const places = placesOf(null, [], null);
  const expectations = Object.entries<FieldTable>(expectationTables(places));
  const consent: JsonSchema = { anyOf: [{ type: 'boolean' }, { type: 'array', items: { enum: CHANNELS } }] };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tests of a rule of Kairos (rules/NAME.test.yaml)',
    ...mapSchema({ ...HEAD, ...testsIn(places) }, value, 'test file'),
    definitions: {
      test: mapSchema(testTable(places), value, 'test'),
      event: {
        ...merged(eventTables(places).map((table) => mapSchema(table, value, 'event'))),
        // All other names are properties.
        additionalProperties: true,
        required: ['at'],
      },
      expectation: {
        ...merged(expectations.map(([kind, table]) => mapSchema(table, value, kind))),
        ...exactlyOne(expectations.map(([kind]) => kind)),
        required: ['at'],
      },
      explanation: mapSchema(outcomeTable(places), value, 'explanation'),
      customer: {
        type: 'object',
        description: 'All names but `consents` and `traits` are traits.',
        properties: {
          consents: {
            type: 'object',
            description: 'What the customer has agreed to: true, false, or a list of channels, by category.',
            additionalProperties: consent,
          },
          traits: { type: 'object', description: 'Traits whose names have a meaning here.' },
        },
      },
    },
  };
}

/** One map that may be any of these kinds; a key of several of them means the same in each. */
function merged(kinds: readonly JsonSchema[]): JsonSchema {
  const all = kinds.flatMap(({ properties = {} }) => Object.entries(properties));
  return { type: 'object', properties: Object.fromEntries(all.reverse()), additionalProperties: false };
}
