import type { Json } from '../../event/event.js';
import type { DatedMoment, FixedDuration, Moment } from '../../rules/model.js';
import { firstOnDay, isOneOf } from '../../time/weekdays.js';
import type { Zone } from '../../time/zone.js';
import { compilePath } from './compile-path.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';
import { customerZone, dateAt, dateOfDay, readDate, type CustomerDate } from './read-moment.js';

const DAY_MS = 86_400_000;

/**
 * ms; null: its path leads to no date.
 * @param from the instant it is asked at, ms: `"10:00"` is the next one strictly later than this; a weekday may be this
 *   very instant, only on that day after `at` it is the next.
 */
export type ReadDatedMoment = (context: ConditionContext, from: number) => number | null;

/** The date that a moment counts from, and the value it was read from. */
export interface ReadCustomerDate {
  /** What identifies it: another value is another date, whatever the customer's zone. */
  value(context: ConditionContext): Json | undefined;
  date(value: Json | undefined, context: ConditionContext, zone: Zone): CustomerDate | null;
}

/** Meaning: rule-language.md, Moments and durations. */
export function compileMoment({ moment, at }: DatedMoment, plans: CounterPlans): ReadDatedMoment {
  switch (moment.kind) {
    case 'time of day': {
      const { minute } = moment;
      return (context, from) => firstOnDay(customerZone(context), from + 1, minute, () => true);
    }
    case 'weekdays': {
      const { days } = moment;
      return (context, from) =>
        firstOnDay(customerZone(context), from, at ?? context.defaultTime, (day) => isOneOf(days, day));
    }
    case 'later': {
      const shift = shiftOf(moment)!;
      return (context, from) => {
        const zone = customerZone(context);
        return placeMoment(dateAt(from, zone), shift, at, zone);
      };
    }
    case 'day':
    case 'instant':
    case 'path':
    case 'beside': {
      const base = compileDate(moment, plans);
      const shift = shiftOf(moment);
      return (context) => {
        const zone = customerZone(context);
        const date = base.date(base.value(context), context, zone);
        return date === null ? null : placeMoment(date, shift, at, zone);
      };
    }
  }
}

/** The date of a moment that counts from one. */
export function compileDate(
  moment: Extract<Moment, { kind: 'day' | 'instant' | 'path' | 'beside' }>,
  plans: CounterPlans,
): ReadCustomerDate {
  switch (moment.kind) {
    case 'day':
      return { value: () => moment.day, date: (_, context) => dateOfDay(moment.day, context) };
    case 'instant':
      return { value: () => moment.time, date: (_, _context, zone) => dateAt(moment.time, zone) };
    case 'path':
    case 'beside':
      return { value: compilePath(moment.path, plans), date: readDate };
  }
}

/** How far a moment lies from its date; null: it is the date. */
export interface Shift {
  readonly sign: -1 | 1;
  readonly duration: FixedDuration;
}

export function shiftOf(moment: Moment): Shift | null {
  switch (moment.kind) {
    case 'beside':
      return { sign: moment.side === 'before' ? -1 : 1, duration: moment.duration };
    case 'later':
      return { sign: 1, duration: moment.duration };
    default:
      return null;
  }
}

/**
 * The instant so far from a date, ms. With `at` (minutes since 00:00) the days and weeks of the shift are days of the
 * calendar, counted from the day that its hours lead to, and it is that time of day on the day that is reached; without
 * it a day is 24 hours.
 */
export function placeMoment(date: CustomerDate, shift: Shift | null, at: number | null, zone: Zone): number {
  const sign = shift?.sign ?? 1;
  const { ms, days } = shift?.duration ?? { ms: 0, days: 0 };
  if (at === null) return instantOf(date, zone) + sign * ms;
  const rest = ms - days * DAY_MS;
  const local = rest === 0 ? date.local : zone.wallClockAt(instantOf(date, zone) + sign * rest);
  return zone.instantOf(Math.floor(local / DAY_MS) + sign * days, at);
}

function instantOf({ local, exact }: CustomerDate, zone: Zone): number {
  return exact ?? zone.instantAt(local);
}
