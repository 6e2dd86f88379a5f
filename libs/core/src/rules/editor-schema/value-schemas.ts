import { CHANNELS, WEEKDAYS } from '../model.js';
import { UnknownTypeError } from './unknown-type-error.js';
import type { JsonSchema } from './json-schema.js';

const UNIT = '(?:second|minute|hour|day|week)s?';
const DURATION = `\\d+ ${UNIT}(?: \\d+ ${UNIT})*`;
const PATH = '[a-z][a-z0-9_]*\\..+';
const TIME = '\\d\\d:\\d\\d';
const DATE = '\\d{4}-\\d\\d-\\d\\d';
const VARIABLE = '[A-Za-z_][A-Za-z0-9_]*';

const text: JsonSchema = { type: 'string' };
const anything: JsonSchema = {};
const name: JsonSchema = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' };
const number: JsonSchema = { type: ['number', 'string'] };
const map: JsonSchema = { type: 'object' };
const ref = (definition: string): JsonSchema => ({ $ref: `#/definitions/${definition}` });
const like = (pattern: string): JsonSchema => ({ type: 'string', pattern: `^(?:${pattern})$` });
const mapOf = (value: JsonSchema, keys: JsonSchema = name): JsonSchema => ({
  type: 'object',
  propertyNames: keys,
  additionalProperties: value,
});
const channel: JsonSchema = { type: 'string', enum: CHANNELS };
const percent = like('\\d+(?:\\.\\d+)?%');
const days: readonly string[] = ['day', 'weekday', 'month', ...WEEKDAYS];
const nameOrList: JsonSchema = { anyOf: [name, { type: 'array', items: name }] };
const scalar: JsonSchema = { type: ['string', 'number', 'boolean'] };
const values: JsonSchema = { anyOf: [like(PATH), { type: 'array' }] };

/** What the readers of single values accept, by the words in which the reference calls it. */
const SCHEMAS: { readonly [type: string]: JsonSchema } = {
  text,
  number,
  map,
  pattern: text,
  value: { anyOf: [scalar, { type: 'object' }] },
  nothing: anything,
  DURATION: like(DURATION),
  'DURATION, also of a customer': like(`(?:${DURATION})|(?:\\S+ ?[xX] ?)?${PATH}`),
  MOMENT: { type: ['string', 'array'] },
  PERCENT: percent,
  PATH: like(PATH),
  CONDITION: ref('condition'),
  OCCASION: ref('occasion'),
  date: like(DATE),
  'time of day': like(TIME),
  channel,
  'channel or PATH': { anyOf: [channel, like(PATH)] },
  'PATH of a computed list': like('customer\\..+'),
  'name of an event': text,
  'name (small letters, digits, underscores)': like('[a-z][a-z0-9_]{0,63}'),
  'name of an event, or a list of them, or `any event`': { type: ['string', 'array'] },
  'name of an environment variable': like(VARIABLE),
  'true or false': { type: 'boolean' },
  rate: like('\\d{1,6} per (?:second|minute|hour)'),
  'weekday or date': { anyOf: [{ enum: WEEKDAYS }, like(DATE)] },
  '`day`, weekday, list of weekdays, `weekday` or `month`': {
    anyOf: [{ enum: days }, { type: 'array', items: { enum: WEEKDAYS } }],
  },
  '`always`, `never` or `after DURATION [per customer]`': {
    anyOf: [{ enum: ['always', 'never'] }, like(`after ${DURATION}(?: per customer)?`)],
  },
  '{ from, until } or `never`': { anyOf: [{ enum: ['never', 'always'] }, ref('active')] },
  '`drop`, `next channel` or `defer up to DURATION`': {
    anyOf: [{ enum: ['drop', 'next channel'] }, like(`defer up to ${DURATION}`)],
  },
  '`off` or DURATION': { anyOf: [{ enum: ['off', false] }, like(DURATION)] },
  'DURATION or `calendar day`, `calendar week`, `calendar month`': {
    anyOf: [{ enum: ['calendar day', 'calendar week', 'calendar month'] }, like(DURATION)],
  },
  'OCCASION with `within`': ref('goal'),
  'list of steps': ref('steps'),
  '{ after, unless }': ref('fallback'),
  '{ opens, clicks }': ref('tracking'),
  '{ selector, key, domain }': ref('dkim'),
  'DNS name': text,
  category: ref('category'),
  cap: ref('cap'),
  'list of caps': { type: 'array', items: ref('cap') },
  'quiet hours': ref('quiet hours'),
  'map of names to values or PATHs': map,
  'map of templates (or `nothing`) to PERCENTs, together 100%': mapOf(percent),
  'map of names to CONDITIONs': mapOf(ref('condition')),
  'map of names to computed attributes': mapOf(ref('computed'), like('customer\\.[^.]+')),
  'map of segments to lists of channels': mapOf({ type: 'array', items: channel }),
  'map of names to categories': mapOf(ref('category')),
  'map of names to webhooks': mapOf(ref('webhook')),
  'map of names to branches': mapOf(ref('split branch')),
  'map of channels to providers': mapOf(ref('provider'), channel),
  'map of `customer.NAME` to values or PATHs': mapOf(anything, like('customer\\.[^.]+')),
  'map of events to their properties': mapOf(
    { type: ['object', 'null'], additionalProperties: { enum: ['text', 'number', 'truth', 'date', 'list', 'map'] } },
    text,
  ),
  'map of events to the property that names the thing': mapOf(text, text),
  'IANA time zone': text,
  'BCP 47 tag': text,
  'https address': text,
  'https address, or name of an environment variable': text,
  'sender, such as "The Shop <hello@shop.test>"': text,
  sender: text,
  'sender of text messages': text,
  'sender, at most 28 characters': text,
  'name of a message template': text,
  'mailto: or https address': text,
  'country, two capitals': like('[A-Z]{2}'),
  'value or list of values': { anyOf: [scalar, { type: ['array', 'object'] }] },
  'list of values or PATH': values,
  '[low, high]': { type: 'array', minItems: 2, maxItems: 2 },
  'date or MOMENT': { type: ['string', 'array'] },
  'PERCENT, number or PATH': number,
  'name of a segment, or a list of them': nameOrList,
  'name of a template, or a map': { anyOf: [name, map] },
};

/** Names that people make up by one rule; events and variables have their own. */
const NAMES = /^name of a (?:rule|category|segment|template|style|webhook)$/;

/**
 * The schema of what stands behind a key, from the words of its reader; so a reader of a new kind cannot be forgotten.
 * Throws UnknownTypeError.
 */
export function valueSchema(type: string, place: string): JsonSchema {
  const known = SCHEMAS[type];
  if (known !== undefined) return known;
  if (NAMES.test(type)) return name;
  const orList = /^(.+), or a list of them$/.exec(type)?.[1];
  if (orList !== undefined) {
    const one = valueSchema(orList, place);
    return { anyOf: [one, { type: 'array', items: one }] };
  }
  const listed = /^list of (.+)$/.exec(type)?.[1];
  if (listed !== undefined)
    return { type: 'array', items: valueSchema(listed.replace(/^([a-z]+|CONDITION)s$/, '$1'), place) };
  const range = /^whole number from (\d+) to (\d+)$/.exec(type);
  if (range !== null) return { type: 'integer', minimum: Number(range[1]), maximum: Number(range[2]) };
  throw new UnknownTypeError(type, place);
}
