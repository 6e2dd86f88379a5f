// Moments and days of the calendar in the customer's zone.
import { instant, valueAt } from './conditions.mjs';
import { lengthOf } from './durations.mjs';
import { DAY, instantOf, timeOfDay, wallDay, wallTime, WEEKDAYS } from './wall-clock.mjs';

const dayNameOf = (midnight) => WEEKDAYS[new Date(midnight).getUTCDay()];

/** The time of day `at` on the day of an instant; the instant itself where nothing is said. */
const placedAt = (time, at, zone) => (at === undefined ? time : instantOf(wallDay(time, zone) + at, zone));

/** With `at`, days and weeks are days of the calendar; without it they are 24 hours each. */
function shifted(time, { duration, sign, at }, scope) {
  const length = lengthOf(duration, (path) => valueAt(path, scope));
  if (length === undefined) return undefined;
  if (at === undefined) return time + sign * length;
  const { days = 0, rest = length } = duration;
  return instantOf(wallDay(time + sign * rest, scope.zone) + sign * days * DAY + at, scope.zone);
}

function nextTimeOfDay(time, { now, zone }) {
  for (let day = wallDay(now, zone); ; day += DAY) {
    const at = instantOf(day + time, zone);
    if (at > now) return at;
  }
}

function nextDayOf({ days, at }, { now, zone, defaultTime }) {
  for (let day = wallDay(now, zone); ; day += DAY) {
    const time = instantOf(day + (at ?? timeOfDay(defaultTime)), zone);
    if (days.includes(dayNameOf(day)) && time >= now) return time;
  }
}

/** The text of the date that a moment hangs on, undefined where there is none. */
export function valueOf(moment, scope) {
  const value = moment.kind === 'date' ? moment.text : moment.path && valueAt(moment.path, scope);
  return Number.isNaN(instant(value, scope)) ? undefined : value;
}

/** A moment that hangs on a date, from the instant of that date. */
const fromDate = (time, moment, scope) =>
  moment.kind === 'shift' ? shifted(time, moment, scope) : placedAt(time, moment.at, scope.zone);

/** The instant of a moment reached at scope.now, undefined where it is unknown. */
export function momentAt(moment, scope) {
  if (moment.kind === 'time') return nextTimeOfDay(moment.time, scope);
  if (moment.kind === 'days') return nextDayOf(moment, scope);
  if (moment.kind === 'later') return shifted(scope.now, { ...moment, sign: 1 }, scope);
  const value = valueOf(moment, scope);
  return value === undefined ? undefined : fromDate(instant(value, scope), moment, scope);
}

const LENGTHS = { day: DAY, week: 7 * DAY, month: 30.4 * DAY, year: 365.2 * DAY };

/** A wall time some periods later: 29 February is kept on the 28th, the 31st on the last day of a shorter month. */
function later(wall, every, count) {
  if (every === 'day' || every === 'week') return wall + count * LENGTHS[every];
  const date = new Date(wall);
  const month = date.getUTCMonth() + (every === 'year' ? 12 * count : count);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const midnight = Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay));
  return midnight + (wall - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
}

/** The first occurrence of `{ date, every }` at or after `from`; it begins a period after the date itself. */
function nextPeriod({ moment, every }, value, scope, from) {
  const base = wallTime(instant(value, scope), scope.zone);
  const guess = Math.floor((from - base) / LENGTHS[every]);
  const margin = 3 + Math.ceil((moment.duration?.length ?? 0) / LENGTHS[every]);
  for (let count = Math.max(1, guess - margin); ; count++) {
    const at = fromDate(instantOf(later(base, every, count), scope.zone), moment, scope);
    if (at === undefined) return Infinity;
    if (at >= from) return at;
  }
}

/** The first instant of a calendar occasion at or after `from`. `fired`: the values that a date without `every` has had its turn for. */
export function nextOccurrence(occasion, scope, from, fired) {
  if (occasion.kind === 'every') return nextOfDays(occasion, scope, from);
  const value = valueOf(occasion.moment, scope);
  if (value === undefined) return Infinity;
  if (occasion.every !== undefined) return nextPeriod(occasion, value, scope, from);
  const at = momentAt(occasion.moment, scope);
  return at !== undefined && at >= from && !fired.has(value) ? at : Infinity;
}

function nextOfDays({ days, at }, { zone, defaultTime }, from) {
  const isMeant = (day) =>
    days.includes('day') ||
    days.includes(dayNameOf(day)) ||
    (days.includes('month') && new Date(day).getUTCDate() === 1);
  for (let day = wallDay(from, zone) - DAY; ; day += DAY) {
    if (!isMeant(day)) continue;
    const time = instantOf(day + (at ?? timeOfDay(defaultTime)), zone);
    if (time >= from) return time;
  }
}
