import type { DatedMoment, Step, ValueTree } from '../model.js';
import { listOf, readMap } from '../reading/collections.js';
import { type FieldTable, mapStart, optional, readFields, required, withDefault } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import type { YamlEntry, YamlNode } from '../yaml/yaml-node.js';
import { durationOfCustomer } from './duration.js';
import { moment } from './moment.js';
import { readPath, type Scope, SCOPES } from './path.js';
import { categoryName, channel } from './policy-values.js';
import { webhookName } from './referred-names.js';
import { ownEvent } from './tracking-plan.js';
import { readValueTree, valueMap } from './value-tree.js';

export function emit(scope: Scope) {
  return {
    event: required(ownEvent, 'The name of the event.'),
    properties: withDefault(valueMap(scope), {}, '{}', 'Its properties.'),
  } satisfies FieldTable;
}

export function webhook(scope: Scope) {
  return {
    to: required(webhookName, 'The name of an address under `webhooks` in kairos.yaml.'),
    body: withDefault(valueMap(scope), {}, '{}', 'What is sent, as JSON.'),
  } satisfies FieldTable;
}

export function pause(scope: Scope) {
  return {
    category: required(categoryName, 'Which messages are held back.'),
    'up to': optional(durationOfCustomer, 'How long at most; either this or `until`.'),
    until: optional(moment(scope), 'Until when; either this or `up to`.'),
  } satisfies FieldTable;
}

export const UNSUBSCRIBE = {
  category: required(categoryName, 'Of which category.'),
  channels: optional(listOf(channel, { unique: true, max: 8 }), 'On which channels; without it on all.'),
} satisfies FieldTable;

/** `set: { customer.lifecycle: dormant }`. */
export function readSet(value: YamlNode, reading: Reading, scope: Scope): Step | undefined {
  const map = readMap(value, reading, 'traits, such as { customer.lifecycle: dormant }');
  if (map === undefined) return undefined;
  if (map.entries.length === 0) return reading.error(map.span, 'value/list-length', '`set` writes nothing');
  const traits: [string, ValueTree][] = [];
  for (const entry of map.entries) {
    const name = readTrait(entry, reading);
    const read =
      entry.value.kind === 'scalar' && entry.value.empty
        ? reading.error(entry.keySpan, 'value/empty', `"${entry.key.slice(0, 80)}" has no value`)
        : readValueTree(entry.value, reading, scope);
    if (name !== undefined && read !== undefined) traits.push([name, read]);
  }
  return traits.length === map.entries.length ? { kind: 'set', traits: Object.fromEntries(traits) } : undefined;
}

function readTrait({ key, keySpan }: YamlEntry, reading: Reading): string | undefined {
  const path = readPath(key, keySpan, reading, SCOPES.trait);
  if (path === undefined) return undefined;
  const [name = ''] = path.names;
  if (path.names.length > 1) {
    const message = `\`set\` writes a whole trait: write customer.${name} and below it what it holds`;
    return reading.error(keySpan, 'path/syntax', message, `customer.${name}`);
  }
  if (reading.names.computed?.has(name))
    return reading.error(
      keySpan,
      'rule/set-computed',
      `customer.${name} is computed (segments.yaml) and cannot be written; choose another name`,
    );
  return name;
}

export function readEmit(value: YamlNode, reading: Reading, scope: Scope): Step | undefined {
  const map = readMap(value, reading, 'an event, such as { event: Win-back Finished }');
  const fields = map && readFields(map, reading, emit(scope), '`emit`').complete;
  return fields && { kind: 'emit', event: fields.event, properties: fields.properties };
}

export function readWebhook(value: YamlNode, reading: Reading, scope: Scope): Step | undefined {
  const map = readMap(value, reading, 'a map, such as { to: helpdesk, body: { … } }');
  const fields = map && readFields(map, reading, webhook(scope), '`webhook`').complete;
  return fields && { kind: 'webhook', to: fields.to, body: fields.body };
}

export function readPause(value: YamlNode, reading: Reading, scope: Scope): Step | undefined {
  const map = readMap(value, reading, 'a map, such as { category: promotional, up to: 14 days }');
  if (map === undefined) return undefined;
  const { complete: fields, entry } = readFields(map, reading, pause(scope), '`pause`');
  if (fields === undefined) return undefined;
  const { category, 'up to': upTo, until } = fields;
  const both = entry('until');
  if (upTo !== null && until !== null && both !== undefined)
    return reading.shape(both.keySpan, 'one-of', '"up to" and "until" cannot stand together in `pause`');
  if (upTo !== null) return { kind: 'pause', category, upTo };
  if (until === null)
    return reading.shape(mapStart(map), 'missing-field', '`pause` needs "up to" (DURATION) or "until" (MOMENT)');
  return { kind: 'pause', category, upTo: { moment: until, at: null } satisfies DatedMoment };
}

export function readResume(value: YamlNode, reading: Reading): Step | undefined {
  const category = categoryName.read(value, reading);
  return category === undefined ? undefined : { kind: 'resume', category };
}

export function readUnsubscribe(value: YamlNode, reading: Reading): Step | undefined {
  const map = readMap(value, reading, 'a map, such as { category: promotional }');
  const fields = map && readFields(map, reading, UNSUBSCRIBE, '`unsubscribe`').complete;
  return fields && { kind: 'unsubscribe', ...fields };
}
