import type { Channel, Path, SendStep } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { listOf, readMap } from '../reading/collections.js';
import { type FieldTable, optional, type Reader, readFields, required, withDefault } from '../reading/fields.js';
import { duration, percent } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { checkName, name, oneOf, truth } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlNode } from '../yaml/yaml-node.js';
import { chooseOne } from './choose-one.js';
import { looksLikePath, readPath, type Scope } from './path.js';
import { categoryName, channel, onCapped, priority } from './policy-values.js';
import { templateName } from './referred-names.js';
import { checkShares } from './shares.js';
import type { StepContext } from './step-context.js';
import { valueMap } from './value-tree.js';

type Variant = SendStep['variants'][number];

/** `nothing` is a variant that nobody is sent anything for. */
const NOTHING = 'nothing';

export const FALLBACK = {
  after: required(duration, 'How long after the message was sent the next channel is tried.'),
  unless: required(oneOf(['delivered', 'opened', 'clicked']), 'What must have happened by then.'),
} satisfies FieldTable;

const fallback: Reader<NonNullable<SendStep['fallback']>> = {
  type: '{ after, unless }',
  read(node, reading) {
    const map = readMap(node, reading, 'a map, such as { after: 2 hours, unless: opened }');
    const fields = map && readFields(map, reading, FALLBACK, '`fallback`').complete;
    return fields && { afterMs: fields.after, unless: fields.unless };
  },
};

/** `variants: { cart-short: 40%, cart-long: 40%, nothing: 20% }`. */
const variants: Reader<readonly Variant[]> = {
  type: 'map of templates (or `nothing`) to PERCENTs, together 100%',
  read(node, reading) {
    const map = readMap(node, reading, 'variants, such as { cart-short: 50%, cart-long: 50% }');
    if (map === undefined) return undefined;
    const found: Variant[] = [];
    for (const { key, keySpan, value } of map.entries) {
      const isName = checkName(key, keySpan, reading, 'a template') !== undefined;
      const isKnown = isName && (key === NOTHING || checkTemplate(key, keySpan, reading));
      const share = percent.read(value, reading);
      if (isKnown && share !== undefined) found.push({ name: key, template: key === NOTHING ? null : key, share });
    }
    if (found.length < map.entries.length) return undefined;
    return checkShares(found, map, '`variants`', reading) ? found : undefined;
  },
};

function checkTemplate(key: string, span: Span, reading: Reading): boolean {
  const node = { kind: 'scalar', value: key, written: key, quoted: true, empty: false, cutOff: null, span } as const;
  return templateName.read(node, reading) !== undefined;
}

function channelOrPath(scope: Scope): Reader<Channel | Path> {
  return {
    type: 'channel or PATH',
    allowed: channel.allowed ?? [],
    read(node, reading) {
      const isPath = node.kind === 'scalar' && looksLikePath(String(node.value), reading);
      return isPath ? readPath(String(node.value), node.span, reading, scope) : channel.read(node, reading);
    },
  };
}

export function sendTable(scope: Scope) {
  return {
    template: optional(templateName, 'What is sent; either this or `variants`.'),
    variants: optional(variants, 'Several templates by chance, each customer always the same; `nothing` is nobody.'),
    with: optional(valueMap(scope), 'Values that the template sees as `with`.'),
    channels: optional(
      listOf(channelOrPath(scope), { unique: true, max: 8 }),
      'On which channels it may leave; without it all that the template has.',
    ),
    fallback: optional(fallback, 'When it is tried on the next channel.'),
    category: optional(categoryName, "Instead of the rule's category."),
    priority: optional(priority, "Instead of the rule's priority."),
    'on capped': optional(onCapped, "Instead of the workspace's."),
    'ignores quiet hours': withDefault(truth, false, 'false', 'Whether it leaves in quiet hours too.'),
    expires: optional(duration, 'It is not sent later than this after the step was reached.'),
    style: optional(name('a style'), 'Which style of the template, where it has that.'),
  } satisfies FieldTable;
}

/** `send: NAME` or `send: { template: NAME, … }`; what it does not say is the rule's. */
export function sendIn(context: StepContext): Reader<SendStep> {
  return {
    type: 'name of a template, or a map',
    read: (node, reading) =>
      node.kind === 'map' ? readSend(node, reading, context) : readPlainSend(node, reading, context),
  };
}

function readPlainSend(node: YamlNode, reading: Reading, { category, priority: urgency }: StepContext) {
  const template = templateName.read(node, reading);
  if (template === undefined) return undefined;
  checkChannels(template, node.span, null, reading);
  return {
    kind: 'send',
    variants: [{ name: template, template, share: 1 }],
    drawn: false,
    with: null,
    channels: null,
    fallback: null,
    category,
    priority: urgency,
    onCapped: null,
    ignoresQuietHours: false,
    expiresMs: null,
    style: null,
  } satisfies SendStep;
}

const SEND_WORDS = { template: {}, variants: {} } as const;

function readSend(
  node: Extract<YamlNode, { kind: 'map' }>,
  reading: Reading,
  context: StepContext,
): SendStep | undefined {
  const table = sendTable(context.scope);
  if (chooseOne(node, reading, SEND_WORDS, '`send`', Object.keys(table)) === undefined) return undefined;
  const { complete: fields, entry } = readFields(node, reading, table, '`send`');
  if (fields === undefined) return undefined;
  const { template, channels } = fields;
  const chosen = fields.variants ?? (template === null ? [] : [{ name: template, template, share: 1 }]);
  const span = (entry('channels') ?? entry('template') ?? entry('variants'))?.value.span ?? node.span;
  const style = entry('style')?.value.span ?? span;
  for (const variant of chosen) {
    if (variant.template === null) continue;
    checkChannels(variant.template, span, channels, reading);
    if (fields.style !== null) checkStyle(variant.template, fields.style, style, reading);
  }
  return {
    kind: 'send',
    variants: chosen,
    drawn: fields.variants !== null,
    with: fields.with,
    channels,
    fallback: fields.fallback,
    category: fields.category ?? context.category,
    priority: fields.priority ?? context.priority,
    onCapped: fields['on capped'],
    ignoresQuietHours: fields['ignores quiet hours'],
    expiresMs: fields.expires,
    style: fields.style,
  };
}

/** Without such a file the plain one is sent, which is hardly what is meant. */
function checkStyle(templateNamed: string, style: string, span: Span, reading: Reading): void {
  const template = reading.names.templates?.get(templateNamed);
  if (template === undefined || template.channels.length === 0) return;
  const styles = [...new Set(template.files.flatMap((file) => file.style ?? []))];
  if (styles.includes(style)) return;
  const closest = closestName(style, styles);
  const hint = closest
    ? `did you mean "${closest}"?`
    : styles.length > 0
      ? `it has ${styles.join(', ')}`
      : `write for example push.${style}.hbs`;
  const message = `the template "${templateNamed}" has no file of the style "${style}" (${hint})`;
  reading.warning(span, 'rule/unknown-style', message, closest ?? undefined);
}

/** A template must have a channel to leave on; one that lacks some of the channels that were chosen is worth a word. */
function checkChannels(
  templateNamed: string,
  span: Span,
  chosen: readonly (Channel | Path)[] | null,
  reading: Reading,
): void {
  const template = reading.names.templates?.get(templateNamed);
  const written = chosen?.flatMap((each) => (typeof each === 'string' ? [each] : [])) ?? null;
  // A path may lead to any channel, so one in the list leaves only the others to judge.
  const mayBeOther = chosen !== null && written?.length !== chosen.length;
  const wanted = written ?? reading.names.channels;
  if (template === undefined || wanted === null || template.channels.length === 0) return;
  const missing = wanted.filter((each) => !template.channels.includes(each));
  const has = `it has ${template.channels.join(', ')}`;
  if (missing.length === wanted.length && !mayBeOther) {
    reading.error(
      span,
      'rule/template-channel',
      `the template "${templateNamed}" has none of the channels ${wanted.join(', ')} (${has})`,
    );
  } else if (chosen !== null && missing.length > 0) {
    reading.warning(
      span,
      'rule/template-channel',
      `the template "${templateNamed}" has no part for ${missing.join(', ')} (${has})`,
    );
  }
}
