import { WEEKDAYS, type QuietHours } from '../rules/model.js';
import { textOfDay, weekdayOf } from './civil-day.js';
import type { Zone } from './zone.js';

const DAY_MS = 86_400_000;

/**
 * The end of the quiet hours in which `now` lies on the zone's wall clock, ms; null outside of them. `from` is
 * included, `to` is not; a night from 21:00 to 09:00 belongs to the day on which it begins. Both ends are taken as
 * `Zone.instantOf` does: after a gap, and at the first of two.
 */
export function endOfQuietHours(
  now: number,
  quiet: Pick<QuietHours, 'from' | 'to' | 'days'>,
  zone: Zone,
): number | null {
  const today = Math.floor((now + zone.offsetAt(now)) / DAY_MS);
  const overMidnight = quiet.from > quiet.to ? 1 : 0;
  // A clock set back over midnight shows yesterday again after today's hours began, and a gap over midnight can push
  // yesterday's end into today: so three days are looked at, the latest first.
  for (let day = today + 1; day >= today - 1; day--) {
    if (!beginsOn(quiet.days, day)) continue;
    if (now < zone.instantOf(day, quiet.from)) continue;
    const end = zone.instantOf(day + overMidnight, quiet.to);
    if (now < end) return end;
  }
  return null;
}

function beginsOn(days: readonly string[] | null, day: number): boolean {
  if (days === null) return true;
  const weekday: string = WEEKDAYS[weekdayOf(day)] ?? '';
  return days.includes(weekday) || days.includes(textOfDay(day));
}
