import { textFingerprint } from '../../customer/text-hash.js';
import type { DateStart, EveryStart, Start } from '../../rules/model.js';
import { addMonths, civilDate } from '../../time/civil-day.js';
import type { Occurrences } from '../../time/occurrences.js';
import { isOneOf } from '../../time/weekdays.js';
import type { Zone } from '../../time/zone.js';
import { compileDate, placeMoment, shiftOf, type Shift } from '../conditions/compile-moment.js';
import type { ConditionContext } from '../conditions/condition-context.js';
import { pathsOfMoment } from '../conditions/condition-needs.js';
import type { CounterPlans } from '../conditions/history.js';
import { customerZone, type CustomerDate } from '../conditions/read-moment.js';

const DAY_MS = 86_400_000;

/** A start by the calendar, `date` or `every`: one lazy timer per customer. */
export interface CalendarPlan {
  /** Of rule and start: keeps its place as long as the start is written the same. */
  readonly fingerprint: number;
  readonly rule: string;
  /** Its place among the starts of its rule. */
  readonly place: number;
  /** It asks for no date of the customer, so it concerns everybody. */
  readonly forEverybody: boolean;
  /** Its date is computed: any event may change it. */
  readonly isComputed: boolean;
  /** null: the customer has no such date. */
  dates(context: ConditionContext): CustomerDates | null;
}

export interface CustomerDates {
  /** Fingerprint of the value they come from; 0 for those of the calendar alone. */
  readonly value: number;
  readonly occurrences: Occurrences;
}

/** The `date` and `every` among the starts of a rule. */
export function compileCalendar(rule: string, starts: readonly Start[], counters: CounterPlans): CalendarPlan[] {
  return starts.flatMap((start, place) => {
    if (start.kind !== 'date' && start.kind !== 'every') return [];
    const fingerprint = textFingerprint(JSON.stringify(['calendar', rule, start]));
    const plan = start.kind === 'date' ? compileDateStart(start, counters) : compileEvery(start);
    return [{ fingerprint, rule, place, ...plan }];
  });
}

type StartPlan = Pick<CalendarPlan, 'forEverybody' | 'isComputed' | 'dates'>;

function compileEvery({ days, at }: EveryStart): StartPlan {
  const holds = (day: number): boolean => {
    if (days === 'day') return true;
    return days === 'month' ? civilDate(day).day === 1 : isOneOf(days, day);
  };
  return {
    forEverybody: true,
    isComputed: false,
    dates(context) {
      const zone = customerZone(context);
      const minute = at ?? context.defaultTime;
      const occurrences: Occurrences = {
        at: (day) => (holds(day) ? zone.instantOf(day, minute) : null),
        first: -Infinity,
        last: Infinity,
        // A clock set back over midnight shows yesterday again.
        near: (instant) => Math.floor(zone.wallClockAt(instant) / DAY_MS) - 1,
      };
      return { value: 0, occurrences };
    },
  };
}

function compileDateStart(start: DateStart, counters: CounterPlans): StartPlan {
  const { moment, at, every } = start;
  switch (moment.kind) {
    case 'time of day':
    case 'weekdays':
    case 'later':
      throw new RangeError(`a start \`date\` cannot be ${moment.kind}: readers refuse it`);
    default:
  }
  const base = compileDate(moment, counters);
  const shift = shiftOf(moment);
  const forEverybody = moment.kind === 'day' || moment.kind === 'instant';
  const isComputed = pathsOfMoment(moment).some(
    ({ names }) => names[0] !== undefined && Object.hasOwn(counters.workspace.computed, names[0]),
  );
  return {
    forEverybody,
    isComputed,
    dates(context) {
      const value = base.value(context);
      const zone = customerZone(context);
      const date = base.date(value, context, zone);
      if (date === null) return null;
      return {
        value: forEverybody ? 0 : textFingerprint(JSON.stringify(value)) + 1,
        occurrences: occurrencesOf(date, every, {
          place: (repeated) => placeMoment(repeated, shift, at, zone),
          dateOf: (instant) => dateOfMoment(instant, shift, zone),
        }),
      };
    },
  };
}

/** About which date, on the wall clock, has its moment at this instant. */
function dateOfMoment(instant: number, shift: Shift | null, zone: Zone): number {
  return zone.wallClockAt(instant) - (shift === null ? 0 : shift.sign * shift.duration.ms);
}

/**
 * With `every` it begins a period after the date itself. Each repetition is counted from that date, so that the 31st
 * comes back after a shorter month.
 */
function occurrencesOf(
  date: CustomerDate,
  every: DateStart['every'],
  { place, dateOf }: { place: (date: CustomerDate) => number; dateOf: (instant: number) => number },
): Occurrences {
  if (every === null) return { at: () => place(date), first: 0, last: 0, near: () => 0 };
  const day = Math.floor(date.local / DAY_MS);
  const ofDay = date.local - day * DAY_MS;
  const repeated = (number: number): CustomerDate => ({
    local: dayAfter(day, every, number) * DAY_MS + ofDay,
    exact: null,
  });
  return {
    at: (number) => place(repeated(number)),
    first: 1,
    last: Infinity,
    // Three days for the time of day and changes of clock and zone.
    near: (instant) => repetitionsBetween(day, Math.floor(dateOf(instant) / DAY_MS) - 3, every),
  };
}

/** Not more than have begun from one day to the other. */
function repetitionsBetween(from: number, to: number, every: NonNullable<DateStart['every']>): number {
  switch (every) {
    case 'day':
      return to - from;
    case 'week':
      return Math.floor((to - from) / 7);
    case 'month':
      return monthOf(to) - monthOf(from) - 1;
    case 'year':
      return Math.floor((monthOf(to) - monthOf(from) - 1) / 12);
  }
}

function monthOf(day: number): number {
  const { year, month } = civilDate(day);
  return year * 12 + month;
}

function dayAfter(day: number, every: NonNullable<DateStart['every']>, number: number): number {
  switch (every) {
    case 'day':
      return day + number;
    case 'week':
      return day + 7 * number;
    case 'month':
      return addMonths(day, number);
    case 'year':
      return addMonths(day, 12 * number);
  }
}
