import type { MessageHistoryCondition } from '../model.js';
import { findEntry, type FieldTable, mapStart, optional, readFields } from '../reading/fields.js';
import { duration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { oneOf, wholeNumber } from '../reading/scalars.js';
import type { YamlEntry, YamlMap } from '../yaml/yaml-node.js';
import type { Scope } from './path.js';
import { categoryName, channel } from './policy-values.js';
import { ruleName, templateName } from './referred-names.js';

export const MESSAGE_HISTORY = {
  template: optional(templateName, 'Only messages of this template count.'),
  category: optional(categoryName, 'Only messages of this category count.'),
  channel: optional(channel, 'Only messages on this channel count.'),
  rule: optional(ruleName, 'Only messages of this rule count.'),
  'at least': optional(wholeNumber(1, 1_000_000), 'How many there must be; 1 where neither bound is written.'),
  'at most': optional(wholeNumber(0, 1_000_000), 'How many there may be.'),
  within: optional(duration, 'Only messages younger than this count.'),
  since: optional(oneOf(['start']), 'Only messages since the start of the run count.'),
} satisfies FieldTable;

type MessageCondition = Omit<MessageHistoryCondition, 'kind' | 'negated'>;

const ANY: MessageCondition = {
  template: null,
  category: null,
  channel: null,
  rule: null,
  atLeast: null,
  atMost: null,
  withinMs: null,
  sinceStart: false,
};

/** `has received: TEMPLATE` or `{ template, category, … }`, and the same of `has opened`, `has clicked` and with `not`. */
export function readMessageHistory(
  entry: YamlEntry,
  reading: Reading,
  scope: Scope,
): MessageHistoryCondition | undefined {
  const { key, keySpan, value } = entry;
  if (value.kind === 'scalar' && value.empty)
    return reading.error(keySpan, 'value/empty', `"${key}" has no value; write the name of a template`);
  const asked = value.kind === 'map' ? readAsked(key, value, reading, scope) : readTemplate(value, reading);
  return asked && { kind: kindOf(key), negated: key.startsWith('has not '), ...asked };
}

function kindOf(key: string): MessageHistoryCondition['kind'] {
  return key.endsWith('received') ? 'has received' : key.endsWith('opened') ? 'has opened' : 'has clicked';
}

function readTemplate(value: YamlEntry['value'], reading: Reading): MessageCondition | undefined {
  const template = templateName.read(value, reading);
  return template === undefined ? undefined : { ...ANY, template };
}

function readAsked(key: string, map: YamlMap, reading: Reading, scope: Scope): MessageCondition | undefined {
  if (map.entries.length === 0)
    return reading.error(map.span, 'condition/empty', `"${key}" asks nothing; write the name of a template`);
  const fields = readFields(map, reading, MESSAGE_HISTORY, `\`${key}\``).complete;
  if (fields === undefined) return undefined;
  const { 'at least': atLeast, 'at most': atMost } = fields;
  if (atLeast !== null && atMost !== null && atLeast > atMost)
    reading.warning(
      mapStart(map),
      'condition/impossible',
      `at least ${atLeast} and at most ${atMost} cannot both hold`,
    );
  const since = findEntry(map, 'since');
  if (since !== undefined && !scope.roots.includes('start'))
    return reading.error(since.keySpan, 'path/not-here', '`since: start` has no meaning here: there is no run yet');
  const { template, category, channel: on, rule } = fields;
  return {
    template,
    category,
    channel: on,
    rule,
    atLeast,
    atMost,
    withinMs: fields.within,
    sinceStart: fields.since !== null,
  };
}
