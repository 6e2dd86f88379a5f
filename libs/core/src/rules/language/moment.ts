import { dayOfText } from '../../time/civil-day.js';
import { type DatedMoment, type Moment, type Weekday, WEEKDAYS } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { listOf } from '../reading/collections.js';
import type { Reader } from '../reading/fields.js';
import { parseFixedDuration, readFixedDuration, timeOfDay } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { notAllowed, readScalar, short } from '../reading/scalars.js';
import type { YamlEntry, YamlNode, YamlScalar } from '../yaml/yaml-node.js';
import { readDatePath } from './date-path.js';
import { partScalar } from './duration.js';
import { dateHint, dateMeant } from './date-meant.js';
import { instantTime, isDate, isInstant } from './operand.js';
import { looksLikePath, type Scope } from './path.js';

const WORKING_DAYS = WEEKDAYS.slice(0, 5);
const BESIDE = /^(?:([^]*?) +)?(before|after) +([^]+)$/;
const LATER = /^([^]*?) *later$/;

export const weekday: Reader<Weekday> = {
  type: 'weekday',
  allowed: WEEKDAYS,
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a weekday');
    return scalar && (WEEKDAYS.find((day) => day === scalar.value) ?? notAllowed(scalar, reading, WEEKDAYS));
  },
};

export const weekdays = listOf(weekday, { unique: true, max: 7 });

/** `monday`, `weekday` (Monday to Friday) → those days; null for another word. */
export function namedDays(word: unknown): readonly Weekday[] | null {
  if (word === 'weekday') return WORKING_DAYS;
  const day = WEEKDAYS.find((known) => known === word);
  return day === undefined ? null : [day];
}

/** A MOMENT, in every form there is. */
export function moment(scope: Scope): Reader<Moment> {
  return {
    type: 'MOMENT',
    read(node, reading) {
      if (node.kind === 'list') {
        const days = weekdays.read(node, reading);
        return days && { kind: 'weekdays', days };
      }
      const scalar = readScalar(
        node,
        reading,
        'a moment such as `monday`, 2026-11-26 or `3 days before customer.birthday`',
      );
      return scalar && readMoment(scalar, reading, scope);
    },
  };
}

function readMoment(scalar: YamlScalar, reading: Reading, scope: Scope): Moment | undefined {
  const written = String(scalar.value);
  const days = namedDays(scalar.value);
  if (days !== null) return { kind: 'weekdays', days };
  const day = isDate(written) ? dayOfText(written) : null;
  if (day !== null) return { kind: 'day', day };
  if (isInstant(written)) return { kind: 'instant', time: instantTime(written) };
  if (/^\d{1,2}[:.]\d{2}$/.test(written)) {
    const minute = timeOfDay.read(scalar, reading);
    return minute === undefined ? undefined : { kind: 'time of day', minute };
  }
  const later = LATER.exec(written)?.[1];
  if (later !== undefined) {
    const duration = readFixedDuration(partScalar(scalar, later), reading);
    return duration && { kind: 'later', duration };
  }
  const beside = BESIDE.exec(written);
  if (beside !== null) return readBeside(scalar, beside, reading, scope);
  if (looksLikePath(written, reading)) {
    const path = readDatePath(written, scalar.span, reading, scope);
    return path && { kind: 'path', path };
  }
  return reportMoment(scalar, written, reading);
}

function readBeside(
  scalar: YamlScalar,
  [, length, side, place = '']: RegExpExecArray,
  reading: Reading,
  scope: Scope,
): Moment | undefined {
  if (length === undefined || length === '') {
    const meant = `1 day ${side} ${place}`;
    return reading.error(scalar.span, 'value/moment', `how long ${side}? Write for example \`${meant}\``);
  }
  const duration = readFixedDuration(partScalar(scalar, length), reading);
  const path = readDatePath(place, partScalar(scalar, place).span, reading, scope);
  if (duration === undefined || path === undefined) return undefined;
  return { kind: 'beside', side: side === 'before' ? 'before' : 'after', duration, path };
}

function reportMoment(scalar: YamlScalar, written: string, reading: Reading): undefined {
  const date = dateMeant(written);
  if (date !== null)
    return reading.error(scalar.span, 'value/date', `"${short(scalar)}" is not a date; ${dateHint(date)}`, date);
  if (/^\d{1,2}[./]\d{1,2}[./]\d{2,4}$/.test(written))
    return reading.error(scalar.span, 'value/date', `"${short(scalar)}" is not a date; ${dateHint(null)}`);
  if (/^\d{4}-\d\d-\d\d/.test(written)) {
    const hint = /T[\d:.]+$/.test(written)
      ? 'an instant needs a zone, such as Z or +02:00, at its end'
      : 'write 2026-11-26 or 2026-11-26T08:00:00Z';
    return reading.error(scalar.span, 'value/date', `"${short(scalar)}" is not a date that exists (${hint})`);
  }
  if (parseFixedDuration(written) !== null)
    return reading.error(
      scalar.span,
      'value/moment',
      `"${short(scalar)}" is a duration; a moment is \`${written} later\`, or \`${written} before PATH\``,
      `${written} later`,
    );
  const closest = closestName(written, [...WEEKDAYS, 'weekday']);
  const hint =
    closest === null
      ? 'such as "10:00", monday, 2026-11-26, customer.birthday, `3 days before customer.birthday`, `2 days later`'
      : `did you mean "${closest}"?`;
  return reading.error(
    scalar.span,
    'value/moment',
    `"${short(scalar)}" is not a moment (${hint})`,
    closest ?? undefined,
  );
}

/** A moment and the `at` beside it; a time of day needs no second one. */
export function withAt(
  moment: Moment,
  at: number | null,
  atEntry: YamlEntry | undefined,
  reading: Reading,
): DatedMoment | undefined {
  if (moment.kind === 'time of day' && atEntry !== undefined)
    return reading.error(atEntry.keySpan, 'value/moment', 'the moment is a time of day already; leave `at` out');
  return { moment, at };
}

/** Only what a date of the customer or of the calendar can be: the start `date`. */
export function checkDate(moment: Moment, node: YamlNode, reading: Reading): boolean {
  switch (moment.kind) {
    case 'path':
    case 'beside':
    case 'day':
    case 'instant':
      return true;
    case 'time of day':
    case 'weekdays':
    case 'later':
      reading.error(
        node.span,
        'value/moment',
        'a `date` is a day of the calendar or a date of the customer; what comes again and again is `every: monday, at: "10:00"`',
      );
      return false;
  }
}
