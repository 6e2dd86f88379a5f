import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { newCustomerState } from '../../customer/customer-state.js';
import { WEEKDAYS, type DatedMoment, type FixedDuration, type Moment, type Path } from '../../rules/model.js';
import { dayNumber } from '../../time/civil-day.js';
import { compileCalendar } from '../calendar/compile-calendar.js';
import { nextOccurrence, type Occurrence } from '../../time/occurrences.js';
import { compileMoment } from './compile-moment.js';
import type { ConditionContext } from './condition-context.js';
import { CounterPlans } from './history.js';

const PATH: Path = { root: 'customer', names: ['day'], text: 'customer.day' };
const DEFAULT_TIME = 600;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Africa/Cairo',
  'Pacific/Apia',
  'Pacific/Auckland',
);

/** Within days of a change of the clock of some of these zones, of the end of a month, and of 29 February. */
const instants = fc
  .tuple(
    fc.constantFrom(
      '2011-12-29T12:00Z',
      '2024-02-28T12:00Z',
      '2026-03-08T07:00Z',
      '2026-03-29T01:00Z',
      '2026-04-05T03:00Z',
      '2026-04-24T00:00Z',
      '2026-09-06T04:00Z',
      '2026-10-25T01:00Z',
      '2026-11-01T06:00Z',
      '2027-12-31T23:00Z',
    ),
    fc.integer({ min: -4 * DAY_MS, max: 4 * DAY_MS }),
    fc.boolean(),
  )
  .map(([near, off, whole]) => {
    const instant = Temporal.Instant.from(near).epochMilliseconds + off;
    return whole ? Math.floor(instant / (30 * 60_000)) * 30 * 60_000 : instant;
  });

const minutes = fc.oneof(fc.constantFrom(0, 30, 120, 150, 180, 1439), fc.integer({ min: 0, max: 1439 }));
const durations: fc.Arbitrary<FixedDuration> = fc
  .tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom(0, 0, 1, 14, 23))
  .filter(([days, hours]) => days + hours > 0)
  .map(([days, hours]) => ({ kind: 'fixed', days, ms: days * DAY_MS + hours * HOUR_MS }));

/** A date as a shop writes it: a day, a wall-clock time, an instant. */
const dates = fc.tuple(instants, fc.constantFrom('day', 'wall clock', 'instant')).map(([instant, kind]) => {
  const text = Temporal.Instant.fromEpochMilliseconds(instant).toString({ smallestUnit: 'millisecond' });
  return kind === 'day' ? text.slice(0, 10) : kind === 'wall clock' ? text.slice(0, 23) : text;
});

function contextIn(zone: string, day: string): ConditionContext {
  const state = newCustomerState('ann');
  state.traits.set('timezone', zone, 0);
  state.traits.set('day', day, 0);
  return {
    state,
    timeZone: 'UTC',
    defaultTime: DEFAULT_TIME,
    now: 0,
    event: null,
    start: null,
    starts: null,
    startedAt: 0,
    named: null,
    round: null,
    overlay: null,
    item: undefined,
    entry: undefined,
  };
}

function read(dated: DatedMoment, zone: string, day: string, from: number): number | null {
  return compileMoment(dated, new CounterPlans())(contextIn(zone, day), from);
}

/** The first instant at which the clock shows this time or, where it skips it, the first after the gap. */
function firstInstant(zone: string, wall: Temporal.PlainDateTime): number {
  const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (earlier.toPlainDateTime().equals(wall)) return earlier.epochMilliseconds;
  const afterGap = wall.toZonedDateTime(zone, { disambiguation: 'later' }).add({ milliseconds: 1 });
  return afterGap.getTimeZoneTransition('previous')!.epochMilliseconds;
}

function at(day: Temporal.PlainDate, minute: number): Temporal.PlainDateTime {
  return day.toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 });
}

function localOf(zone: string, instant: number): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDateTime();
}

/** The wall clock a date means, and its instant. */
function meant(zone: string, date: string): { wall: Temporal.PlainDateTime; instant: number } {
  if (date.endsWith('Z')) {
    const instant = Temporal.Instant.from(date).epochMilliseconds;
    return { wall: localOf(zone, instant), instant };
  }
  const wall = date.length === 10 ? at(Temporal.PlainDate.from(date), DEFAULT_TIME) : Temporal.PlainDateTime.from(date);
  return { wall, instant: firstInstant(zone, wall) };
}

/** So far from a date, at a time of day: hours on the clock, then days on the calendar, then that time of that day. */
function shiftedTo(
  zone: string,
  date: ReturnType<typeof meant>,
  sign: 1 | -1,
  by: FixedDuration,
  minute: number,
): number {
  const rest = by.ms - by.days * DAY_MS;
  const wall = rest === 0 ? date.wall : localOf(zone, date.instant + sign * rest);
  return firstInstant(zone, at(wall.toPlainDate().add({ days: sign * by.days }), minute));
}

describe('a moment agrees with a naive reading of it', () => {
  it('the next time of day, the next of some weekdays', () => {
    fc.assert(
      fc.property(
        zones,
        instants,
        minutes,
        fc.subarray([...WEEKDAYS], { minLength: 1 }),
        (zone, from, minute, days) => {
          const next = (after: number, holds: (day: Temporal.PlainDate) => boolean): number => {
            let first = Infinity;
            const today = localOf(zone, from).toPlainDate();
            for (let off = -2; off <= 9; off++) {
              const day = today.add({ days: off });
              const instant = holds(day) ? firstInstant(zone, at(day, minute)) : -Infinity;
              if (instant > after) first = Math.min(first, instant);
            }
            return first;
          };
          const timeOfDay: Moment = { kind: 'time of day', minute };
          expect(read({ moment: timeOfDay, at: null }, zone, '', from)).toBe(next(from, () => true));
          const weekdays: Moment = { kind: 'weekdays', days };
          expect(read({ moment: weekdays, at: minute }, zone, '', from)).toBe(
            next(from - 1, (day) => days.includes(WEEKDAYS[day.dayOfWeek - 1]!)),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a date, and so long before or after it, with and without `at`', () => {
    fc.assert(
      fc.property(zones, dates, durations, minutes, fc.boolean(), (zone, date, duration, minute, isBefore) => {
        const base = meant(zone, date);
        const sign = isBefore ? -1 : 1;
        const path: Moment = { kind: 'path', path: PATH };
        const beside: Moment = { kind: 'beside', side: isBefore ? 'before' : 'after', duration, path: PATH };
        expect(read({ moment: path, at: null }, zone, date, 0)).toBe(base.instant);
        expect(read({ moment: path, at: minute }, zone, date, 0)).toBe(
          firstInstant(zone, at(base.wall.toPlainDate(), minute)),
        );
        expect(read({ moment: beside, at: null }, zone, date, 0)).toBe(base.instant + sign * duration.ms);
        expect(read({ moment: beside, at: minute }, zone, date, 0)).toBe(shiftedTo(zone, base, sign, duration, minute));
      }),
      { numRuns: 150 },
    );
  });

  it('so long later, days and instants that are written', () => {
    fc.assert(
      fc.property(zones, instants, durations, minutes, (zone, from, duration, minute) => {
        const later: Moment = { kind: 'later', duration };
        const base = { wall: localOf(zone, from), instant: from };
        expect(read({ moment: later, at: null }, zone, '', from)).toBe(from + duration.ms);
        expect(read({ moment: later, at: minute }, zone, '', from)).toBe(shiftedTo(zone, base, 1, duration, minute));
        const { year, month, day } = base.wall;
        const written: Moment = { kind: 'day', day: dayNumber(year, month, day) };
        expect(read({ moment: written, at: null }, zone, '', 0)).toBe(
          firstInstant(zone, at(base.wall.toPlainDate(), DEFAULT_TIME)),
        );
        expect(read({ moment: { kind: 'instant', time: from }, at: null }, zone, '', 0)).toBe(from);
        expect(read({ moment: { kind: 'instant', time: from }, at: minute }, zone, '', 0)).toBe(
          firstInstant(zone, at(base.wall.toPlainDate(), minute)),
        );
      }),
      { numRuns: 150 },
    );
  });
});

describe('the dates of a start', () => {
  const plan = (every: 'day' | 'week' | 'month' | 'year', moment: Moment, minute: number | null) =>
    compileCalendar('r', [{ kind: 'date', moment, at: minute, every }], new CounterPlans())[0]!;

  it('come again as a naive calendar has them', () => {
    fc.assert(
      fc.property(
        fc.record({
          zone: zones,
          date: dates,
          every: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
          shift: fc.option(durations),
          minute: fc.option(minutes),
          after: fc.integer({ min: 0, max: 900 * DAY_MS }),
        }),
        ({ zone, date, every, shift, minute, after }) => {
          const base = meant(zone, date);
          const moment: Moment =
            shift === null
              ? { kind: 'path', path: PATH }
              : { kind: 'beside', side: 'before', duration: shift, path: PATH };
          const duration: FixedDuration = shift ?? { kind: 'fixed', ms: 0, days: 0 };
          const time = base.instant - duration.ms + after;
          const all: number[] = [];
          for (let number = 1; all.filter((each) => each > time).length < 3; number++) {
            const wall = base.wall.add({ [`${every}s`]: number });
            const repeated = { wall, instant: firstInstant(zone, wall) };
            all.push(
              minute === null ? repeated.instant - duration.ms : shiftedTo(zone, repeated, -1, duration, minute),
            );
          }
          const dated = plan(every, moment, minute).dates(contextIn(zone, date))!;
          const found: number[] = [];
          let from = time;
          while (found.length < 3) {
            const next: Occurrence = nextOccurrence(dated.occurrences, from)!;
            found.push((from = next.instant));
          }
          expect(found).toEqual([...new Set(all.filter((each) => each > time))].slice(0, 3));
        },
      ),
      { numRuns: 60 },
    );
  });
});
