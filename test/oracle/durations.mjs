// DURATION: a fixed one, or one of a customer.
import { DAY, HOUR, MINUTE } from './wall-clock.mjs';

const UNITS = { second: 1000, minute: MINUTE, hour: HOUR, day: DAY, week: 7 * DAY };
const LONGEST = 730 * DAY;

const partsOf = (text) => [...text.matchAll(/(\d+) (second|minute|hour|day|week)s?/g)];

/** Milliseconds of a fixed duration. */
export function duration(text) {
  let sum = 0;
  for (const [, amount, unit] of partsOf(String(text))) sum += Number(amount) * UNITS[unit];
  if (sum === 0) throw new Error(`not a duration: ${text}`);
  return sum;
}

/** { length, days (of the calendar), rest } of a fixed one, else { factor, path, or }: `0.9 x customer.order_gap or 30 days`. */
export function readDuration(text) {
  const match = /^(?:([\d.]+) x )?([a-z_]+\..+?)(?: or (.+))?$/.exec(text);
  if (match !== null) {
    const [, factor, path, or] = match;
    return { factor: Number(factor ?? 1), path, or: or === undefined ? undefined : duration(or) };
  }
  let days = 0;
  for (const [, amount, unit] of partsOf(text)) {
    if (unit === 'day') days += Number(amount);
    if (unit === 'week') days += 7 * Number(amount);
  }
  const length = duration(text);
  return { length, days, rest: length - days * DAY };
}

/**
 * Milliseconds, or undefined when it is unknown and there is no `or`. `gapAt(path)` gives an average gap in milliseconds. A product is a
 * whole number of milliseconds, never zero and at most 730 days like every duration.
 */
export function lengthOf(read, gapAt) {
  if (read.length !== undefined) return read.length;
  const gap = gapAt(read.path);
  const product = typeof gap === 'number' ? Math.min(Math.round(gap * read.factor), LONGEST) : 0;
  return product > 0 ? product : read.or;
}
