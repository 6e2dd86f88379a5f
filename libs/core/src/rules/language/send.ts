import type { Channel, SendStep } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { listOf } from '../reading/collections.js';
import { type FieldTable, notYet, optional, type Reader, readFields, required } from '../reading/fields.js';
import { duration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { checkName, readScalar } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlNode } from '../yaml/yaml-node.js';
import { chooseOne } from './choose-one.js';
import { categoryName, channel, onCapped, priority } from './policy-values.js';

/** The name of a template of the workspace. */
export const templateName: Reader<string> = {
  type: 'name of a template',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'the name of a template');
    const found = scalar && checkName(String(scalar.value), scalar.span, reading, 'a template');
    const known = reading.names.templates;
    if (scalar === undefined || found === undefined || known === null || known.has(found)) return found;
    const closest = closestName(found, known.keys());
    const hint = closest === null ? `make a folder templates/${found}` : `did you mean "${closest}"?`;
    return reading.error(
      scalar.span,
      'rule/unknown-template',
      `there is no template "${found}" (${hint})`,
      closest ?? undefined,
    );
  },
};

export const SEND = {
  template: required(templateName, 'What is sent.'),
  channels: optional(
    listOf(channel, { unique: true, max: 8 }),
    'On which channels it may leave; without it all that the template has.',
  ),
  category: optional(categoryName, "Instead of the rule's category."),
  priority: optional(priority, "Instead of the rule's priority."),
  'on capped': optional(onCapped, "Instead of the workspace's."),
  expires: optional(duration, 'It is not sent later than this after the step was reached.'),
  with: notYet,
  fallback: notYet,
  'ignores quiet hours': notYet,
  style: notYet,
} satisfies FieldTable;

const SEND_WORDS = { template: SEND.template, variants: notYet } as const;

/** A `send` before the rule's own category and priority are known: null where it says nothing. */
export type Send = Omit<SendStep, 'category' | 'priority'> & {
  readonly category: string | null;
  readonly priority: number | null;
};

const PLAIN_SEND = {
  kind: 'send',
  drawn: false,
  with: null,
  fallback: null,
  ignoresQuietHours: false,
  style: null,
} as const;

/** `send: NAME` or `send: { template: NAME, … }`. */
export const send: Reader<Send> = {
  type: 'name of a template, or a map',
  read(node: YamlNode, reading: Reading) {
    if (node.kind !== 'map') {
      const template = templateName.read(node, reading);
      if (template === undefined) return undefined;
      checkChannels(template, node.span, null, reading);
      return {
        ...PLAIN_SEND,
        variants: [{ name: template, template, share: 1 }],
        channels: null,
        category: null,
        priority: null,
        onCapped: null,
        expiresMs: null,
      };
    }
    const word = chooseOne(node, reading, SEND_WORDS, '`send`', Object.keys(SEND));
    if (word === undefined) return undefined;
    const { complete: fields, entry } = readFields(node, reading, SEND, '`send`');
    if (fields === undefined) return undefined;
    checkChannels(
      fields.template,
      (entry('channels') ?? entry('template'))?.value.span ?? node.span,
      fields.channels,
      reading,
    );
    const { template, channels, category } = fields;
    return {
      ...PLAIN_SEND,
      variants: [{ name: template, template, share: 1 }],
      channels,
      category,
      priority: fields.priority,
      onCapped: fields['on capped'],
      expiresMs: fields.expires,
    };
  },
};

/** A template must have a channel to leave on; one that lacks some of the channels that were chosen is worth a word. */
function checkChannels(name: string, span: Span, chosen: readonly Channel[] | null, reading: Reading): void {
  const template = reading.names.templates?.get(name);
  const wanted = chosen ?? reading.names.channels;
  if (template === undefined || wanted === null || template.channels.length === 0) return;
  const missing = wanted.filter((each) => !template.channels.includes(each));
  const has = `it has ${template.channels.join(', ')}`;
  if (missing.length === wanted.length) {
    reading.error(
      span,
      'rule/template-channel',
      `the template "${name}" has none of the channels ${wanted.join(', ')} (${has})`,
    );
  } else if (chosen !== null && missing.length > 0) {
    reading.warning(
      span,
      'rule/template-channel',
      `the template "${name}" has no part for ${missing.join(', ')} (${has})`,
    );
  }
}
