// MOMENT: read from its text.
import { readDuration } from './durations.mjs';
import { timeOfDay, WEEKDAYS } from './wall-clock.mjs';

const WORKING_DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
const isDayName = (text) => text === 'weekday' || WEEKDAYS.includes(text);

/** The names of days that `monday`, `[monday, thursday]` or `weekday` mean. */
export const daysNamed = (raw) => [raw].flat().flatMap((name) => (name === 'weekday' ? WORKING_DAYS : [name]));

/** kind: time, days, date, path, shift (before or after a path), later. `at` is milliseconds after midnight or undefined. */
export function readMoment(raw, atText) {
  const at = atText === undefined ? undefined : timeOfDay(atText);
  if (Array.isArray(raw) || isDayName(raw)) return { kind: 'days', days: daysNamed(raw), at };
  if (/^\d{2}:\d{2}$/.test(raw)) return { kind: 'time', time: timeOfDay(raw), at };
  if (/^\d{4}-\d{2}-\d{2}/.test(raw)) return { kind: 'date', text: raw, at };
  const shift = /^(.+?) (before|after) (\S.*)$/.exec(raw);
  if (shift !== null) {
    const [, length, direction, path] = shift;
    return { kind: 'shift', duration: readDuration(length), sign: direction === 'before' ? -1 : 1, path, at };
  }
  const later = /^(.+) later$/.exec(raw);
  if (later !== null) return { kind: 'later', duration: readDuration(later[1]), at };
  return { kind: 'path', path: raw, at };
}
