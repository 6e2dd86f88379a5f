import { CONDITION_WORDS } from '../language/condition.js';
import { OPERATORS } from '../language/comparison.js';
import { LANGUAGE_TABLES } from '../language/language-keys.js';
import { PROVIDERS } from '../language/providers.js';
import { STEP_WORDS } from '../language/steps.js';
import type { FieldTable } from '../reading/fields.js';
import { beside, exactlyOne, type JsonSchema, mapSchema } from './json-schema.js';
import { valueSchema } from './value-schemas.js';

const DRAFT = 'http://json-schema.org/draft-07/schema#';

type TableName = keyof typeof LANGUAGE_TABLES;

const table = (name: TableName, choice?: readonly string[]): JsonSchema =>
  mapSchema(LANGUAGE_TABLES[name], valueSchema, name, choice);
const ref = (definition: string): JsonSchema => ({ $ref: `#/definitions/${definition}` });

/** Words of a closed list with what stands behind each. */
function words(
  all: { readonly [word: string]: { readonly takes: string; readonly doc: string } },
  place: string,
  more: { readonly [word: string]: JsonSchema } = {},
): { readonly [word: string]: JsonSchema } {
  return Object.fromEntries(
    Object.entries(all).map(([word, { takes, doc }]) => [
      word,
      { ...(more[word] ?? valueSchema(takes, `${place}.${word}`)), description: doc },
    ]),
  );
}

const history = (name: TableName): JsonSchema => ref(name);
const messages: JsonSchema = history('has received');

function conditionSchemas(): { readonly [name: string]: JsonSchema } {
  const historyWords = Object.keys(CONDITION_WORDS).filter((word) => word.startsWith('has '));
  const behind = Object.fromEntries(
    historyWords.map((word) => [word, word.endsWith('done') ? history('has done') : messages]),
  );
  return {
    condition: {
      type: 'object',
      description: 'A map is "all of these": words, and paths with what they are compared with.',
      minProperties: 1,
      properties: words(CONDITION_WORDS, 'condition', behind),
      patternProperties: { '^[a-z][a-z0-9_]*\\..+$': ref('comparison') },
      additionalProperties: false,
    },
    comparison: {
      type: ['string', 'number', 'boolean', 'array', 'object'],
      description: 'A value compares for equality, a list means "one of these", a map uses operators.',
      minProperties: 1,
      properties: {
        ...words(OPERATORS, 'operators', { 'any item': ref('condition'), 'every item': ref('condition') }),
        text: { description: 'This text itself, although it looks like a path.' },
      },
      additionalProperties: false,
    },
    'has done': table('has done'),
    'has received': orText(table('has received')),
  };
}

/**
 * A map, or a text instead. In one schema and not as one of two: an editor then says what is wrong with the map, and not
 * that it is no text.
 */
function orText(map: JsonSchema, text: JsonSchema = {}): JsonSchema {
  return { ...text, ...map, type: ['string', 'object'] };
}

const SEGMENT_WORDS = Object.keys(present(LANGUAGE_TABLES['segment occasion']));
const MESSAGE_WORDS = Object.keys(present(LANGUAGE_TABLES['message occasion']));

function occasionSchemas(): { readonly [name: string]: JsonSchema } {
  const occasions = ['occasion', 'segment occasion', 'message occasion'] as const;
  const choice = ['event', ...SEGMENT_WORDS, ...MESSAGE_WORDS];
  const starts = ['start', 'inactive start', 'item event start', 'date start', 'every start'] as const;
  const occasion = union([...occasions], choice);
  return {
    occasion: { ...occasion, dependencies: { where: beside('event') } },
    goal: {
      ...occasion,
      properties: {
        ...occasion.properties,
        within: {
          ...valueSchema('DURATION', 'goal.within'),
          description: 'How long after the start it counts. Default: 3 days.',
        },
      },
    },
    start: {
      ...union([...starts, 'segment occasion', 'message occasion'], []),
      // `every` is a start of its own, or stands beside `date`.
      ...{ anyOf: [...exactlyOne([...choice, 'inactive', 'date', 'every', 'item event']).oneOf!] },
      dependencies: {
        where: beside('event', 'inactive', 'item event'),
        key: beside('event'),
        since: beside('inactive'),
        inactive: { required: ['since'] },
        'item event': { required: ['in'] },
        in: beside('item event'),
        at: beside('date', 'every'),
      },
    },
  };
}

/** One of the words with what stands beside it, or the plain word `stop`. */
function stepSchema(): JsonSchema {
  const { stop, ...kinds } = STEP_WORDS;
  const behind = {
    wait: ref('wait'),
    send: ref('send'),
    repeat: ref('repeat'),
    emit: ref('emit'),
    webhook: ref('webhook step'),
    pause: ref('pause'),
    unsubscribe: ref('unsubscribe'),
  };
  const besides = union(['beside wait for', 'beside wait until', 'beside if'], []);
  const map: JsonSchema = {
    type: 'object',
    properties: { ...words(kinds, 'step', behind), ...besides.properties },
    additionalProperties: false,
    ...exactlyOne(Object.keys(kinds)),
    dependencies: {
      then: beside('wait', 'if'),
      else: beside('if'),
      'on timeout': beside('wait'),
      'on past': beside('wait'),
      if: { required: ['then'] },
    },
  };
  return { anyOf: [map, { type: 'string', const: 'stop', description: stop.doc }] };
}

function stepSchemas(): { readonly [name: string]: JsonSchema } {
  const wait = union(['wait for', 'wait until'], []);
  return {
    steps: { type: 'array', minItems: 1, maxItems: 200, items: ref('step') },
    step: stepSchema(),
    wait: {
      ...orText(wait, valueSchema('DURATION, also of a customer', 'step.wait')),
      ...beside('for', 'until'),
      dependencies: { 'up to': beside('for'), as: beside('for'), for: beside('up to', 'until'), at: beside('until') },
    },
    send: {
      ...orText(table('send'), valueSchema('name of a template', 'step.send')),
      ...beside('template', 'variants'),
    },
    fallback: table('fallback'),
    'split branch': table('split branch'),
    repeat: table('repeat'),
    emit: table('emit'),
    'webhook step': table('webhook step'),
    pause: { ...table('pause'), ...exactlyOne(['up to', 'until']) },
    unsubscribe: table('unsubscribe'),
  };
}

/** Keys of several tables that read one map by what stands in it; where two say something else of a key, both are said. */
function union(names: readonly TableName[], choice: readonly string[]): JsonSchema {
  const properties: { [key: string]: JsonSchema } = {};
  for (const name of names) {
    for (const [key, schema] of Object.entries(table(name).properties ?? {})) {
      const known = properties[key];
      properties[key] = known === undefined ? schema : either(known, schema);
    }
  }
  return {
    type: 'object',
    properties,
    additionalProperties: false,
    ...(choice.length === 0 ? {} : exactlyOne(choice)),
  };
}

function either(one: JsonSchema, other: JsonSchema): JsonSchema {
  const { description, ...first } = one;
  const { description: more, ...second } = other;
  const said = description === more ? description : `${description}\n\n${more}`;
  if (JSON.stringify(first) === JSON.stringify(second)) return { ...first, description: said ?? '' };
  return { anyOf: [first, second], description: said ?? '' };
}

function present(fields: FieldTable): FieldTable {
  return Object.fromEntries(Object.entries(fields).filter(([, { presence }]) => presence !== 'elsewhere'));
}

function file(title: string, root: JsonSchema, definitions: { readonly [name: string]: JsonSchema }): JsonSchema {
  return { $schema: DRAFT, title, ...root, definitions };
}

const KINDS = [
  'count',
  'first time',
  'last time',
  'average gap',
  'sum',
  'average',
  'min',
  'max',
  'first',
  'last',
  'list',
];

/** Files of a workspace by the name of their schema: what an editor needs to complete, to check and to explain. */
export function languageSchemas(): { readonly [name: string]: JsonSchema } {
  const kinds = Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[];
  const providers = kinds.map((kind) => withKind(table(`provider ${kind}`), kind));
  const rule = table('rule');
  const start = { anyOf: [ref('start'), { type: 'array', items: ref('start') }] };
  return {
    rule: file(
      'A rule of Kairos (rules/NAME.yaml)',
      { ...rule, properties: { ...rule.properties, start: { ...start, description: docOf('rule', 'start') } } },
      { ...conditionSchemas(), ...occasionSchemas(), ...stepSchemas(), active: table('active') },
    ),
    kairos: file('Settings of Kairos (kairos.yaml)', table('settings'), {
      category: table('category'),
      cap: table('cap'),
      'quiet hours': table('quiet hours'),
      tracking: table('tracking'),
      dkim: table('dkim'),
      webhook: table('webhook'),
      provider: { anyOf: providers },
    }),
    segments: file('Segments and computed attributes of Kairos (segments.yaml)', table('segments'), {
      ...conditionSchemas(),
      computed: { ...table('computed', [...KINDS, 'of']), ...exactlyOne(KINDS) },
    }),
    events: file('The events that a shop sends to Kairos (events.yaml)', table('events'), {}),
  };
}

function docOf(name: TableName, key: string): string {
  return table(name).properties?.[key]?.description ?? '';
}

function withKind(schema: JsonSchema, kind: string): JsonSchema {
  const { description } = schema.properties?.['kind'] ?? {};
  const own: JsonSchema = { const: kind, ...(description === undefined ? {} : { description }) };
  return { ...schema, properties: { ...schema.properties, kind: own } };
}
