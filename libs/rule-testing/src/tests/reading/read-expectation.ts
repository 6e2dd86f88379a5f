import { REASONS, readers, type Reader } from '#core';
import { NOT_STARTED_REASONS, OUTCOMES, type ExpectedMessage, type ExpectedOutcome } from '../test-file.js';
import { lineOf, type TestPlaces } from './places.js';

const { notYet, optional, required } = readers;
const WORDS = { send: {}, webhook: notYet, emit: notYet, set: notYet };
const OTHERS = ['at', 'to', 'channel', 'with', 'suppressed'];

/** `{ at: +1h30m, send: cart-reminder, to: ann, channel: email }` */
export function expectedMessage({ at, customer }: TestPlaces): Reader<ExpectedMessage> {
  return {
    type: 'expectation',
    read(node, reading) {
      const map = readers.readMap(node, reading, 'an expectation, such as { at: +1h, send: cart-reminder, to: ann }');
      if (
        map === undefined ||
        readers.chooseOne(map, reading, WORDS, 'an expectation', [...Object.keys(WORDS), ...OTHERS]) === undefined
      )
        return undefined;
      const table = {
        at: required(at, 'When the decision is made: of a held message its release.'),
        send: required(readers.templateName, 'The template.'),
        to: optional(customer, 'The customer.'),
        channel: optional(readers.channel, 'The channel it leaves on.'),
        suppressed: optional(readers.oneOf(REASONS), 'The reason why it is not sent.'),
        with: notYet,
      };
      const fields = readers.readFields(map, reading, table, 'an expectation').complete;
      if (fields === undefined) return undefined;
      const { send: template, to, channel, suppressed } = fields;
      return { line: lineOf(map, reading), at: fields.at, template, to, channel, suppressed };
    },
  };
}

/** `{ rule: abandoned-cart, customer: ann, outcome: goal_reached, by: Order Completed }` */
export function expectedOutcome({ customer, rule }: TestPlaces): Reader<ExpectedOutcome> {
  const table = {
    rule: required(rule, 'The rule.'),
    customer: optional(customer, 'The customer; any without.'),
    outcome: required(readers.oneOf(OUTCOMES), 'How the run ended, or that none began.'),
    by: optional(readers.text({ max: 100 }), 'The event that ended it, or why it was not started.'),
  };
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
      return { line: lineOf(map, reading), ...fields };
    },
  };
}
