import { WEEKDAYS, type Weekday } from '../rules/model.js';
import { weekdayOf } from './civil-day.js';
import type { Zone } from './zone.js';

const DAY_MS = 86_400_000;

export function isOneOf(days: readonly Weekday[], day: number): boolean {
  return days.includes(WEEKDAYS[weekdayOf(day)]!);
}

/** The first instant not before `from` at which it is `minute` (since 00:00) of a day that `holds`. */
export function firstOnDay(zone: Zone, from: number, minute: number, holds: (day: number) => boolean): number {
  // A clock set back over midnight shows yesterday again.
  for (let day = Math.floor(zone.wallClockAt(from) / DAY_MS) - 1; ; day++) {
    if (!holds(day)) continue;
    const instant = zone.instantOf(day, minute);
    if (instant >= from) return instant;
  }
}
