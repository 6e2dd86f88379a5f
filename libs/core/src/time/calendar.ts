import { civilDate, dayNumber, weekdayOf } from './civil-day.js';
import type { Zone } from './zone.js';

const DAY_MS = 86_400_000;

/** What the wall clock of a zone shows. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** Days since 1970-01-01 of the calendar (`dayNumber`). */
  readonly dayNumber: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** Since 00:00, 0 to 1439. */
  readonly minute: number;
  /** 0 to 59. */
  readonly second: number;
}

export type CalendarUnit = 'day' | 'week' | 'month';

/** [from, to) in ms since 1970 UTC. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export function localTime(zone: Zone, instant: number): LocalTime {
  const local = instant + zone.offsetAt(instant);
  const day = Math.floor(local / DAY_MS);
  const secondOfDay = Math.floor((local - day * DAY_MS) / 1000);
  const date = civilDate(day);
  return {
    year: date.year,
    month: date.month,
    day: date.day,
    dayNumber: day,
    weekday: weekdayOf(day),
    minute: Math.floor(secondOfDay / 60),
    second: secondOfDay % 60,
  };
}

/**
 * The day to which an instant belongs: the wall clock's, except where a clock set back just after midnight shows the
 * day before once more (St. John's until 2011). That hour stays with the new day, so that days never overlap.
 */
export function localDay(zone: Zone, instant: number): number {
  const day = Math.floor((instant + zone.offsetAt(instant)) / DAY_MS);
  return instant >= zone.instantOf(day + 1, 0) ? day + 1 : day;
}

/** The local day, ISO week (from Monday) or month that holds an instant. Periods of a unit tile the time line. */
export function periodOf(zone: Zone, unit: CalendarUnit, instant: number): Period {
  const day = localDay(zone, instant);
  switch (unit) {
    case 'day':
      return { from: zone.instantOf(day, 0), to: zone.instantOf(day + 1, 0) };
    case 'week': {
      const monday = day - weekdayOf(day);
      return { from: zone.instantOf(monday, 0), to: zone.instantOf(monday + 7, 0) };
    }
    case 'month': {
      const { year, month } = civilDate(day);
      const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
      return { from: zone.instantOf(dayNumber(year, month, 1), 0), to: zone.instantOf(next, 0) };
    }
  }
}

/** An upper bound of a period's length whatever the zone, two days included for changes of clock and of zone. */
export function longestPeriodMs(unit: CalendarUnit): number {
  switch (unit) {
    case 'day':
      return 3 * DAY_MS;
    case 'week':
      return 9 * DAY_MS;
    case 'month':
      return 33 * DAY_MS;
  }
}
