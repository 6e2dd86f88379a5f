import type { YamlScalar } from '../yaml/yaml-node.js';
import type { FixedDuration } from '../model.js';
import { closestName, lookalikeIn } from './closest-name.js';
import type { Reader } from './fields.js';
import type { Reading } from './reading.js';
import { isDecimalComma, readScalar, short } from './scalars.js';

const SECOND = 1_000;
const UNITS = {
  week: 604_800 * SECOND,
  day: 86_400 * SECOND,
  hour: 3_600 * SECOND,
  minute: 60 * SECOND,
  second: SECOND,
} as const;
type Unit = keyof typeof UNITS;
const UNIT_NAMES = Object.keys(UNITS) as Unit[];
const ABBREVIATIONS: { readonly [short: string]: Unit } = {
  s: 'second',
  sec: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  hr: 'hour',
  d: 'day',
  w: 'week',
  wk: 'week',
};

export const MAX_DURATION_MS = 730 * UNITS.day;

/**
 * `1 hour 30 minutes` → milliseconds; null when it is not written like that. Whole numbers, larger units first, each once.
 * A day is 24 hours. Zero and the upper limit are for the caller.
 */
export function parseDuration(written: string): number | null {
  return parseFixedDuration(written)?.ms ?? null;
}

/** The same, with the whole days in it, which a calendar counts otherwise than a clock. */
export function parseFixedDuration(written: string): FixedDuration | null {
  let [ms, days, smallest] = [0, 0, -1];
  const parts = written.trim().split(/ +/);
  if (parts.length % 2 !== 0) return null;
  for (let i = 0; i < parts.length; i += 2) {
    const [count = '', word = ''] = [parts[i], parts[i + 1]];
    const rank = UNIT_NAMES.findIndex((unit) => word === unit || word === `${unit}s`);
    const unit = UNIT_NAMES[rank];
    if (unit === undefined || rank <= smallest || !/^\d{1,12}$/.test(count)) return null;
    smallest = rank;
    ms += Number(count) * UNITS[unit];
    if (unit === 'week' || unit === 'day') days += (Number(count) * UNITS[unit]) / UNITS.day;
  }
  return { kind: 'fixed', ms, days };
}

/** @param options.zero allows zero (only `grace` does); `options.maxMs` defaults to 730 days. */
export function durationWithin(options: { zero?: boolean; maxMs?: number; maxText?: string }): Reader<number> {
  return {
    type: 'DURATION',
    read(node, reading) {
      const scalar = readScalar(node, reading, 'a duration such as `1 hour`');
      return scalar && readFixedDuration(scalar, reading, options)?.ms;
    },
  };
}

export const duration = durationWithin({});

/** A duration of a scalar; every way people write it otherwise has its own sentence. */
export function readFixedDuration(
  scalar: YamlScalar,
  reading: Reading,
  options: { zero?: boolean; maxMs?: number; maxText?: string } = {},
): FixedDuration | undefined {
  if (typeof scalar.value === 'number') {
    const example = `${scalar.written} minutes`;
    return reading.error(
      scalar.span,
      'value/duration-unit',
      `${scalar.written} has no unit; write for example \`${example}\``,
      example,
    );
  }
  const written = String(scalar.value);
  const found = parseFixedDuration(written);
  if (found === null) return reportDuration(scalar, written.replace(/\p{Zs}+/gu, ' ').trim(), reading);
  if (found.ms === 0 && !options.zero)
    return reading.error(scalar.span, 'value/duration-zero', 'a duration is never zero');
  return found.ms > (options.maxMs ?? MAX_DURATION_MS)
    ? reading.error(scalar.span, 'value/duration-range', `at most ${options.maxText ?? '730 days'} are allowed here`)
    : found;
}

function reportDuration(scalar: YamlScalar, written: string, reading: Reading): undefined {
  const shown = short(scalar);
  if (/(?:^|[\dx] *)(?:customer|start|starts|event|item)\./.test(written)) {
    return reading.error(
      scalar.span,
      'value/duration-of-customer',
      'a duration of a customer stands only in `wait`, in `up to` and in `inactive`; here write one such as `3 days`',
    );
  }
  if (written.length > 100) return reading.error(scalar.span, 'value/duration', `"${shown}" is not a duration`);
  if (/^\d+[.,]\d+ ?[a-z]+$/i.test(written)) {
    return reading.error(
      scalar.span,
      'value/duration',
      `"${shown}" is not a whole number; write for example \`1 hour 30 minutes\``,
    );
  }
  if (/(?:month|year)/i.test(written))
    return reading.error(
      scalar.span,
      'value/duration-unit',
      'months and years have different lengths; write days, for example `30 days`',
      '30 days',
    );
  const inDigits = written
    .replace(/^(?:an?|one) (?=(?:second|minute|hour|day|week)\b)/i, '1 ')
    .replace(/^half an? hour$/i, '30 minutes')
    .replace(/^(\d+) ?h ?(\d+)$/i, '$1 h $2 min');
  const parts = [...inDigits.matchAll(/(\d+) ?(\p{L}+)/gu)];
  const rewritten = parts.map(([, count = '', word = '']) => `${count} ${unitFor(word, count)}`).join(' ');
  const meant = parts.length > 0 && parseDuration(rewritten) !== null ? rewritten : undefined;
  const badUnit =
    parts.length > 0 && parts.some(([, , word = '']) => !UNIT_NAMES.includes(word.replace(/s$/, '') as Unit));
  const code = badUnit ? 'value/duration-unit' : 'value/duration';
  const odd = meant === undefined ? null : lookalikeIn(String(scalar.value));
  if (odd !== null) return reading.error(scalar.span, code, `"${shown}" holds ${odd}; write \`${meant}\` anew`, meant);
  const hint = meant === undefined ? 'units: seconds, minutes, hours, days, weeks' : `write \`${meant}\``;
  return reading.error(scalar.span, code, `"${shown}" is not a duration (${hint})`, meant);
}

function unitFor(word: string, count: string): string {
  const small = word.toLowerCase();
  const singular = small.replace(/s$/, '');
  const unit =
    UNIT_NAMES.find((known) => known === singular) ??
    ABBREVIATIONS[small] ??
    ABBREVIATIONS[singular] ??
    closestName(singular, UNIT_NAMES) ??
    word;
  return count === '1' ? unit : `${unit}s`;
}

/** `5%`, `12.5%` → a share of 1. */
export const percent: Reader<number> = {
  type: 'PERCENT',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a percentage such as `5%`');
    if (scalar === undefined) return undefined;
    const { value, span } = scalar;
    if (typeof value === 'number') {
      const meant = `${value > 0 && value < 1 ? value * 100 : value}%`;
      return reading.error(
        span,
        'value/percent-sign',
        `${scalar.written} has no percent sign; write \`${meant}\``,
        meant,
      );
    }
    const written = String(value).trim();
    if (isDecimalComma(written.replace(/ *%$/, ''))) {
      return reading.error(
        span,
        'value/decimal-comma',
        `"${short(scalar)}" is written with a comma; decimals have a point`,
        written.replace(',', '.'),
      );
    }
    const match = /^(-?\d+(?:\.\d+)?)%$/.exec(written);
    if (match === null) {
      const meant = /^\d+(?:\.\d+)?(?= +%$| percent$)/.exec(written)?.[0];
      const message = `"${short(scalar)}" is not a percentage such as \`5%\` or \`12.5%\``;
      return reading.error(span, 'value/percent', message, meant && `${meant}%`);
    }
    const share = Number(match[1]) / 100;
    return share < 0 || share > 1
      ? reading.error(span, 'value/percent-range', `${written} is not between 0% and 100%`)
      : share;
  },
};

/** `"09:30"` → minutes since 00:00. In quotes, since other readers of YAML take 09:30 for a number. */
export const timeOfDay: Reader<number> = {
  type: 'time of day',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a time of day such as "09:30"');
    if (scalar === undefined) return undefined;
    const match = /^(\d{1,2})[:.](\d{2})$/.exec(String(scalar.value));
    const [hours, minutes] = [Number(match?.[1]), Number(match?.[2])];
    if (match === null || hours > 24 || minutes > 59 || (hours === 24 && minutes > 0)) {
      return reading.error(
        scalar.span,
        'value/time',
        `"${short(scalar)}" is not a time of day; write it as "09:30", in quotes`,
      );
    }
    const plain = `"${String(hours % 24).padStart(2, '0')}:${match[2]}"`;
    if (`"${String(scalar.value)}"` !== plain)
      return reading.error(scalar.span, 'value/time', `"${short(scalar)}" is not a time of day; write ${plain}`, plain);
    if (!scalar.quoted)
      return reading.error(scalar.span, 'value/time-quotes', `a time of day stands in quotes: ${plain}`, plain);
    return hours * 60 + minutes;
  },
};
