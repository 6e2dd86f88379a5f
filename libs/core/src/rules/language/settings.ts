import type { Json, JsonObject } from '../../event/event.js';
import { type Category, type Channel, CHANNELS, type Settings } from '../model.js';
import { listOf, mapOf, oneOrList, readMap } from '../reading/collections.js';
import { type FieldTable, optional, type Reader, readFields, required, withDefault } from '../reading/fields.js';
import { duration, durationWithin, percent, timeOfDay } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { checkName, isName, oneOf, readNumber, readScalar, text, truth } from '../reading/scalars.js';
import type { WorkspaceNames } from '../reading/workspace-names.js';
import type { YamlEntry, YamlNode } from '../yaml/yaml-node.js';
import { cap, checkCaps } from './caps.js';
import { locale, timeZone } from './places.js';
import { channel, onCapped } from './policy-values.js';
import { providers } from './providers.js';
import { quietHours } from './quiet-hours.js';
import { channelsBySegment } from './channels-by-segment.js';
import { webhooks } from './webhooks.js';

const HOUR = 3_600_000;

/** Milliseconds, or null for `off`. Wrapped, since null alone says that the key is not there. */
const sameContent: Reader<{ readonly ms: number | null }> = {
  type: '`off` or DURATION',
  read(node, reading) {
    if (node.kind === 'scalar' && (node.value === 'off' || node.value === false)) return { ms: null };
    const ms = duration.read(node, reading);
    return ms === undefined ? undefined : { ms };
  },
};

export const CATEGORY = {
  consent: required(
    oneOf(['opt-in', 'opt-out', 'none']),
    'Whether customers must have agreed, may refuse, or are not asked.',
  ),
  'counts toward caps': withDefault(truth, true, 'true', 'Whether its messages fill caps.'),
  'ignores caps': withDefault(truth, false, 'false', 'Whether its messages leave although a cap is full.'),
  'ignores quiet hours': withDefault(truth, false, 'false', 'Whether its messages leave in quiet hours.'),
  'when unknown': withDefault(
    oneOf(['hold', 'resend']),
    'hold',
    'hold',
    'What becomes of a message of which nobody knows whether it was accepted.',
  ),
  'same content': optional(sameContent, "Instead of the workspace's."),
} satisfies FieldTable;

type CategoryDraft = Omit<Category, 'name' | 'sameContentMs'> & {
  readonly sameContent: { readonly ms: number | null } | null;
};

const category: Reader<CategoryDraft> = {
  type: 'category',
  read(node, reading) {
    const map = readMap(node, reading, 'a category, such as { consent: opt-in }');
    const fields = map && readFields(map, reading, CATEGORY, 'a category').complete;
    return (
      fields && {
        consent: fields.consent,
        countsTowardCaps: fields['counts toward caps'],
        ignoresCaps: fields['ignores caps'],
        ignoresQuietHours: fields['ignores quiet hours'],
        whenUnknown: fields['when unknown'],
        sameContent: fields['same content'],
      }
    );
  },
};

const shop: Reader<JsonObject> = {
  type: 'map',
  read(node, reading) {
    const map = readMap(node, reading, 'a map');
    return map && (readJson(map, reading) as JsonObject | undefined);
  },
};

export const TRACKING = {
  opens: withDefault(truth, true, 'true', 'Whether opens of mails are noticed.'),
  clicks: withDefault(truth, true, 'true', 'Whether clicks on links are noticed.'),
} satisfies FieldTable;

const tracking: Reader<Settings['tracking']> = {
  type: '{ opens, clicks }',
  read(node, reading) {
    const map = readMap(node, reading, 'a map, such as { opens: true, clicks: true }');
    return map && readFields(map, reading, TRACKING, '`tracking`').complete;
  },
};

/** Every key of kairos.yaml. */
export const SETTINGS = {
  'time zone': required(timeZone, 'For customers without one of their own.'),
  locale: required(locale, 'For customers without one of their own.'),
  'default time': withDefault(timeOfDay, 600, '"10:00"', 'The time of day of a date without one.'),
  channels: required(
    listOf(channel, { unique: true }),
    'Those the shop uses, in the order tried for customers without a preference.',
  ),
  'channels by segment': withDefault(
    channelsBySegment,
    new Map(),
    '{}',
    'Another order, or other channels, for the first of these segments that a customer is in.',
  ),
  categories: required(
    mapOf(category, (key, span, reading) => checkName(key, span, reading, 'a category'), 'map of names to categories'),
    'Kinds of messages: consent, caps, quiet hours.',
  ),
  caps: withDefault(
    listOf(cap, { min: 0, max: 100 }),
    [],
    '[]',
    'How many messages a customer gets at most; all that match apply.',
  ),
  'on capped': withDefault(onCapped, { kind: 'drop' }, 'drop', 'What becomes of a message for which there is no room.'),
  'quiet hours': withDefault(oneOrList(quietHours, { min: 0 }), [], '[]', 'When nothing is sent.'),
  'same content': withDefault(
    sameContent,
    { ms: 18 * HOUR },
    '18 hours',
    'How long the same content is not sent again.',
  ),
  'control group': withDefault(percent, 0, '0%', 'A share of customers that never get anything promotional.'),
  tracking: withDefault(tracking, { opens: true, clicks: true }, '{ opens: true, clicks: true }', 'What is measured.'),
  webhooks: withDefault(webhooks, new Map(), '{}', 'Addresses that a `webhook` step may call.'),
  salt: withDefault(text({ max: 200 }), '', '""', 'Changes every random draw.'),
  shop: withDefault(shop, {}, '{}', 'Whatever the templates want to say of the shop.'),
  grace: withDefault(
    durationWithin({ zero: true, maxMs: 10_000, maxText: '10 seconds' }),
    10_000,
    '10 seconds',
    'How long a timer waits for events that were on their way.',
  ),
  providers: withDefault(providers, {}, '{}', 'How each channel leaves.'),
} satisfies FieldTable;

export function readSettings(root: YamlNode, reading: Reading): Settings | undefined {
  const map = readMap(root, reading, 'settings');
  if (map === undefined) return undefined;
  const { values, complete: fields, entry } = readFields(map, reading, SETTINGS, 'kairos.yaml');
  const categories = completeCategories(values.categories ?? new Map(), values['same content']?.ms ?? null);
  const capNodes = entry('caps')?.value;
  if (values.caps && capNodes?.kind === 'list')
    checkCaps(values.caps, capNodes.items, categories, values.channels ?? CHANNELS, reading);
  const channelsEntry = entry('channels');
  if (values.channels && values.providers && channelsEntry)
    checkProviders(values.channels, values.providers, channelsEntry.value, reading);
  if (fields === undefined) return undefined;
  checkControlGroup(fields['control group'], categories, entry('control group'), reading);
  return {
    timeZone: fields['time zone'],
    locale: fields.locale,
    defaultTime: fields['default time'],
    graceMs: fields.grace,
    salt: fields.salt,
    shop: fields.shop,
    channels: fields.channels,
    channelsBySegment: [...fields['channels by segment']].map(([segment, channels]) => ({ segment, channels })),
    controlGroup: fields['control group'],
    tracking: fields.tracking,
    webhooks: Object.fromEntries(fields.webhooks),
    categories: Object.fromEntries(categories),
    caps: fields.caps,
    onCapped: fields['on capped'],
    quietHours: fields['quiet hours'],
    providers: fields.providers,
  };
}

/** The control group is about the category of this name. */
const PROMOTIONAL = 'promotional';

function checkControlGroup(
  share: number,
  categories: ReadonlyMap<string, Category>,
  entry: YamlEntry | undefined,
  reading: Reading,
): void {
  if (share === 0 || entry === undefined || categories.has(PROMOTIONAL)) return;
  reading.warning(
    entry.keySpan,
    'settings/control-group',
    `the control group gets nothing of the category "${PROMOTIONAL}", which is not under \`categories\``,
  );
}

/** The names kairos.yaml defines, as far as they can be seen, so that rules are judged by them even if other keys are wrong. */
export function settingsNames(root: YamlNode): Pick<WorkspaceNames, 'categories' | 'channels' | 'webhooks'> {
  const value = (key: string) =>
    root.kind === 'map' ? root.entries.find((entry) => entry.key === key)?.value : undefined;
  const categories = value('categories');
  const channels = value('channels');
  const used =
    channels?.kind === 'list'
      ? channels.items.map((item) => CHANNELS.find((known) => item.kind === 'scalar' && item.value === known))
      : [];
  const targets = value('webhooks');
  const isReadable = used.length > 0 && !used.includes(undefined);
  return {
    categories:
      categories?.kind === 'map' ? new Set(categories.entries.map((entry) => entry.key).filter(isName)) : null,
    webhooks:
      targets === undefined
        ? new Set()
        : targets.kind === 'map'
          ? new Set(targets.entries.map((entry) => entry.key).filter(isName))
          : null,
    channels: isReadable ? (used as Channel[]) : null,
  };
}

function completeCategories(
  drafts: ReadonlyMap<string, CategoryDraft>,
  workspaceMs: number | null,
): ReadonlyMap<string, Category> {
  return new Map(
    [...drafts].map(([name, { sameContent: own, ...draft }]) => [
      name,
      { name, ...draft, sameContentMs: own === null ? workspaceMs : own.ms },
    ]),
  );
}

function checkProviders(
  channels: readonly Channel[],
  found: Settings['providers'],
  node: YamlNode,
  reading: Reading,
): void {
  if (node.kind !== 'list') return;
  const missing = channels.filter((each) => found[each] === undefined);
  if (missing.length === 0) return;
  const first = node.items[channels.indexOf(missing[0] ?? 'email')]?.span ?? node.span;
  const mails = missing.includes('email') ? ', mails to the server in SMTP_URL where that is set' : '';
  reading.warning(
    first,
    'settings/no-provider',
    `no provider is set for ${missing.join(', ')} under \`providers\`: \`kairos start\` writes files into its outbox instead${mails}; a separate delivery service refuses to start`,
  );
}

function readJson(node: YamlNode, reading: Reading): Json | undefined {
  if (node.kind === 'list') {
    const items = node.items.map((item) => readJson(item, reading));
    return items.some((item) => item === undefined) ? undefined : (items as Json[]);
  }
  if (node.kind === 'map') return readObject(node, reading);
  if (node.value === null && !node.empty) return null;
  const scalar = readScalar(node, reading, 'a value');
  if (scalar === undefined) return undefined;
  return typeof scalar.value === 'number'
    ? readNumber(scalar, reading)
    : typeof scalar.value === 'string'
      ? text().read(scalar, reading)
      : scalar.value;
}

function readObject(node: Extract<YamlNode, { kind: 'map' }>, reading: Reading): JsonObject | undefined {
  const entries: [string, Json][] = [];
  for (const { key, keySpan, value } of node.entries) {
    const forbidden = ['__proto__', 'constructor', 'prototype'].includes(key);
    const read = forbidden
      ? reading.error(keySpan, 'path/forbidden-name', `"${key}" is not allowed as a name`)
      : readJson(value, reading);
    if (read !== undefined) entries.push([key, read]);
  }
  return entries.length === node.entries.length ? Object.fromEntries(entries) : undefined;
}
