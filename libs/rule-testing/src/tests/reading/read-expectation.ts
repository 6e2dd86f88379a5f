import { REASONS, readers, type Json, type Reader, type Reading, type YamlMap } from '#core';
import { NOT_STARTED_REASONS, OUTCOMES, type Expectation, type ExpectedOutcome } from '../test-file.js';
import { jsonMap, readJson } from './json-value.js';
import { placeOf, type TestPlaces } from './places.js';

const { optional, required } = readers;
const WORDS = { send: {}, webhook: {}, emit: {}, set: {} } as const;
const OTHERS = ['at', 'to', 'customer', 'channel', 'with', 'suppressed'];
const values = jsonMap('values');

/**
 * `{ at: +1h30m, send: cart-reminder, to: ann, channel: email }`, `{ at, webhook: helpdesk, to: ann }`,
 * `{ at, emit: Win-back Finished, customer: ann }`, `{ at, set: { customer.lifecycle: dormant }, customer: ann }`.
 */
export function expectation(places: TestPlaces): Reader<Expectation> {
  return {
    type: 'expectation',
    read(node, reading) {
      const map = readers.readMap(node, reading, 'an expectation, such as { at: +1h, send: cart-reminder, to: ann }');
      if (map === undefined) return undefined;
      const word = readers.chooseOne(map, reading, WORDS, 'an expectation', [...Object.keys(WORDS), ...OTHERS]);
      if (word === undefined || !namesOneCustomer(map, reading)) return undefined;
      return readKind(map, word, places, reading);
    },
  };
}

/** Every key of an expectation, by its kind. */
export function expectationTables(places: TestPlaces) {
  const where = {
    at: required(places.at, 'When it happens: of a held message its release.'),
    to: optional(places.customer, 'The customer.'),
    customer: optional(places.customer, 'The customer, too.'),
  };
  const suppressed = optional(readers.oneOf(REASONS), 'The reason why it is not sent.');
  const withValues = optional(values, 'The values that are to be compared.');
  return {
    send: {
      ...where,
      send: required(readers.templateName, 'The template.'),
      channel: optional(readers.channel, 'The channel it leaves on.'),
      suppressed,
      with: withValues,
    },
    webhook: { ...where, webhook: required(readers.webhookName, 'The webhook.'), suppressed, with: withValues },
    emit: { ...where, emit: required(readers.eventName, 'The event.'), with: withValues },
    set: { ...where, set: required(writtenTraits, 'Traits that a `set` writes, or only their paths.') },
  };
}

function readKind(
  map: YamlMap,
  word: keyof typeof WORDS,
  places: TestPlaces,
  reading: Reading,
): Expectation | undefined {
  const tables = expectationTables(places);
  const place = placeOf(map, reading);
  switch (word) {
    case 'send': {
      const fields = readers.readFields(map, reading, tables.send, 'an expectation').complete;
      if (fields === undefined) return undefined;
      const what = { kind: word, name: fields.send, channel: fields.channel, suppressed: fields.suppressed };
      return { place, at: fields.at, what, to: fields.to ?? fields.customer, with: fields.with };
    }
    case 'webhook': {
      const fields = readers.readFields(map, reading, tables.webhook, 'an expected call').complete;
      if (fields === undefined) return undefined;
      const what = { kind: word, name: fields.webhook, channel: null, suppressed: fields.suppressed };
      return { place, at: fields.at, what, to: fields.to ?? fields.customer, with: fields.with };
    }
    case 'emit': {
      const fields = readers.readFields(map, reading, tables.emit, 'an expected event').complete;
      if (fields === undefined) return undefined;
      const { at, to, customer } = fields;
      return { place, at, what: { kind: word, name: fields.emit }, to: to ?? customer, with: fields.with };
    }
    case 'set': {
      const fields = readers.readFields(map, reading, tables.set, 'an expected change of traits').complete;
      if (fields === undefined) return undefined;
      const { names, values: compared } = fields.set;
      return { place, at: fields.at, what: { kind: word, names }, to: fields.to ?? fields.customer, with: compared };
    }
  }
}

function namesOneCustomer(map: YamlMap, reading: Reading): boolean {
  const [first, second] = map.entries.filter(({ key }) => key === 'to' || key === 'customer');
  if (first === undefined || second === undefined) return true;
  reading.shape(second.keySpan, 'one-of', '"to" and "customer" are the same here: write one of them');
  return false;
}

interface WrittenTraits {
  readonly names: readonly string[];
  readonly values: { readonly [name: string]: Json } | null;
}

const paths = readers.oneOrList(traitPath());

/** `customer.lifecycle`, a list of such paths, or a map from them to values. */
const writtenTraits: Reader<WrittenTraits> = {
  type: 'map of traits, or their paths',
  read(node, reading) {
    if (node.kind !== 'map') {
      const names = paths.read(node, reading);
      return names && { names, values: null };
    }
    const read = node.entries.map(({ key, keySpan, value }) => {
      const name = traitName(key, keySpan, reading);
      const json = readJson(value, reading);
      return name === undefined || json === undefined ? undefined : ([name, json] as const);
    });
    if (read.includes(undefined)) return undefined;
    const written = read as (readonly [string, Json])[];
    return { names: written.map(([name]) => name), values: Object.fromEntries(written) };
  },
};

function traitPath(): Reader<string> {
  return {
    type: 'path of a trait, such as customer.lifecycle',
    read(node, reading) {
      const scalar = readers.readScalar(node, reading, 'the path of a trait, such as customer.lifecycle');
      return scalar && traitName(scalar.written, scalar.span, reading);
    },
  };
}

function traitName(written: string, span: YamlMap['span'], reading: Reading): string | undefined {
  const name = /^customer\.([^.]+)$/.exec(written)?.[1];
  if (name !== undefined) return name;
  const shown = written.slice(0, 60);
  return reading.error(
    span,
    'path/syntax',
    `"${shown}" is not the path of a trait; write customer.NAME, as the rule does`,
    /^[^.\s]+$/.test(shown) ? `customer.${shown}` : undefined,
  );
}

/** Every key of an explanation. */
export function outcomeTable({ customer, rule }: TestPlaces) {
  return {
    rule: required(rule, 'The rule.'),
    customer: optional(customer, 'The customer; any without.'),
    outcome: required(readers.oneOf(OUTCOMES), 'How the run ended, or that none began.'),
    by: optional(readers.text({ max: 100 }), 'The event that ended it, or why it was not started.'),
  };
}

/** `{ rule: abandoned-cart, customer: ann, outcome: goal_reached, by: Order Completed }` */
export function expectedOutcome(places: TestPlaces): Reader<ExpectedOutcome> {
  const table = outcomeTable(places);
  return {
    type: 'explanation',
    read(node, reading) {
      const map = readers.readMap(
        node,
        reading,
        'an explanation, such as { rule: abandoned-cart, customer: ann, outcome: goal_reached }',
      );
      if (map === undefined) return undefined;
      const { complete: fields, entry } = readers.readFields(map, reading, table, 'an explanation');
      if (fields === undefined) return undefined;
      const by = entry('by');
      const reasons = readers.oneOf(NOT_STARTED_REASONS);
      if (fields.outcome === 'not_started' && by !== undefined && reasons.read(by.value, reading) === undefined)
        return undefined;
      return { place: placeOf(map, reading), ...fields };
    },
  };
}
