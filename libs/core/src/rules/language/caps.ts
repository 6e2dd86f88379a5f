import type { Cap, Category, Channel } from '../model.js';
import { readMap } from '../reading/collections.js';
import { type FieldTable, optional, type Reader, readFields, required } from '../reading/fields.js';
import { readFixedDuration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { readScalar, wholeNumber } from '../reading/scalars.js';
import type { YamlNode } from '../yaml/yaml-node.js';
import { categoryName, channel } from './policy-values.js';

const HOUR = 3_600_000;
/** Whatever `on capped` says, a message is postponed when room appears within this time (delivery.md). */
const POSTPONED_MS = 5 * 60_000;

interface Window {
  readonly window: Cap['window'];
  readonly written: string;
}

const window: Reader<Window> = {
  type: 'DURATION or `calendar day`, `calendar week`, `calendar month`',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a duration or `calendar day`, `calendar week`, `calendar month`');
    if (scalar === undefined) return undefined;
    const written = String(scalar.value);
    const unit = /^calendar (day|week|month)$/.exec(written)?.[1] as 'day' | 'week' | 'month' | undefined;
    if (unit !== undefined) return { window: { kind: 'calendar', unit }, written };
    const bare = /^(?:a |an |one )?(day|week|month|hour)$/.exec(written)?.[1];
    if (bare !== undefined) {
      const message =
        bare === 'hour'
          ? 'write `1 hour`'
          : `\`calendar ${bare}\` begins at midnight, a duration such as \`${bare === 'month' ? '30 days' : `1 ${bare}`}\` looks back from now: write the one that is meant`;
      return reading.error(scalar.span, 'value/duration', message);
    }
    const durationMs = readFixedDuration(scalar, reading)?.ms;
    return durationMs === undefined ? undefined : { window: { kind: 'rolling', durationMs }, written };
  },
};

export const CAP = {
  'at most': required(wholeNumber(1, 10_000), 'How many messages.'),
  per: required(window, 'In which time.'),
  category: optional(categoryName, 'Only messages of this category.'),
  channel: optional(channel, 'Only messages on this channel.'),
} satisfies FieldTable;

export const cap: Reader<Cap> = {
  type: 'cap',
  read(node: YamlNode, reading: Reading) {
    const map = readMap(node, reading, 'a cap, such as { at most: 1, per: 1 day }');
    const fields = map && readFields(map, reading, CAP, 'a cap').complete;
    if (fields === undefined) return undefined;
    const { 'at most': atMost, per, category, channel: on } = fields;
    const label = [`${atMost} per ${per.written}`, category, on].filter((part) => part !== null).join(', ');
    return { atMost, window: per.window, category, channel: on, label };
  },
};

/** Warns of caps that never refuse anything, or only for minutes. */
export function checkCaps(
  caps: readonly Cap[],
  nodes: readonly YamlNode[],
  categories: ReadonlyMap<string, Category>,
  channels: readonly Channel[],
  reading: Reading,
): void {
  caps.forEach((each, index) => {
    const span = nodes[index]?.span;
    if (span === undefined) return;
    if (each.window.kind === 'rolling' && each.window.durationMs <= POSTPONED_MS) {
      reading.warning(
        span,
        'settings/cap-short-window',
        'a window of 5 minutes or less never drops a message: it is only postponed for that time',
      );
    }
    const reason = whyNeverReached(each, caps, categories, channels);
    if (reason !== null)
      reading.warning(span, 'settings/cap-never-reached', `this cap can never be reached: ${reason}`);
  });
}

function whyNeverReached(
  each: Cap,
  caps: readonly Cap[],
  categories: ReadonlyMap<string, Category>,
  channels: readonly Channel[],
): string | null {
  const category = each.category === null ? undefined : categories.get(each.category);
  if (category?.ignoresCaps) return `the category "${category.name}" ignores caps`;
  if (category && !category.countsTowardCaps) return `the category "${category.name}" does not count toward caps`;
  if (each.channel !== null && !channels.includes(each.channel)) return `the channel "${each.channel}" is not used`;
  const stricter = caps.find((other) => other !== each && covers(other, each) && mostWithin(other, each) < each.atMost);
  return stricter ? `"${stricter.label}" lets through fewer` : null;
}

/** Every message that `inner` counts is counted by `outer` too. */
function covers(outer: Cap, inner: Cap): boolean {
  return (
    (outer.category === null || outer.category === inner.category) &&
    (outer.channel === null || outer.channel === inner.channel)
  );
}

/** The most messages that `limit` can let through in one window of `each`. */
function mostWithin(limit: Cap, each: Cap): number {
  const { longest } = windowLength(each.window);
  if (limit.window.kind === 'rolling') return limit.atMost * Math.ceil(longest / limit.window.durationMs);
  return limit.atMost * calendarPeriods(limit.window.unit, each.window);
}

/** How many periods of a calendar unit lie, wholly or in part, in one calendar period: [period][unit]. */
const TOUCHED = {
  day: { day: 1, week: 1, month: 1 },
  week: { day: 7, week: 1, month: 2 },
  month: { day: 31, week: 6, month: 1 },
} as const;

function calendarPeriods(unit: 'day' | 'week' | 'month', window: Cap['window']): number {
  if (window.kind === 'calendar') return TOUCHED[window.unit][unit];
  return Math.ceil(window.durationMs / windowLength({ kind: 'calendar', unit }).shortest) + 1;
}

/** A day has 23 to 25 hours where the clock changes. */
function windowLength(window: Cap['window']): { readonly shortest: number; readonly longest: number } {
  if (window.kind === 'rolling') return { shortest: window.durationMs, longest: window.durationMs };
  const days = { day: [1, 1], week: [7, 7], month: [28, 31] }[window.unit];
  return { shortest: (days[0] ?? 0) * 24 * HOUR - HOUR, longest: (days[1] ?? 0) * 24 * HOUR + HOUR };
}
