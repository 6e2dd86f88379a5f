import { dayNumber } from './civil-day.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** From `at` on the clock of the zone is `offset` ahead of UTC; until then it was `before`. All ms. */
interface Transition {
  readonly at: number;
  readonly before: number;
  readonly offset: number;
}

/** The changes of the clock in one stretch of time, [from, to). */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly startOffset: number;
  readonly transitions: readonly Transition[];
}

/** About a year; short enough to be filled in a millisecond, long enough that a run of decisions meets one or two. */
const STRETCH_MS = 366 * DAY_MS;
const MAX_STRETCHES = 64;
const MAX_INSTANT = 8.64e15;

/**
 * The wall clock of an IANA zone, in integers and without allocation once a year is known: offsets come from ICU
 * (`Intl`), asked once a day of each year that is met, a change in between found by halving.
 */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #stretches = new Map<number, Stretch>();
  #latest: Stretch = { from: 0, to: 0, startOffset: 0, transitions: [] };

  /** Throws RangeError where the name is unknown; `findZone` does not. */
  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** ms that the wall clock is ahead of UTC at this instant. */
  offsetAt(instant: number): number {
    const stretch = this.#stretchAt(instant);
    let offset = stretch.startOffset;
    for (const transition of stretch.transitions) {
      if (instant < transition.at) break;
      offset = transition.offset;
    }
    return offset;
  }

  /**
   * The instant at which the wall clock shows `minute` (since 00:00) of a day: one that the clock skips is the first
   * instant after the gap, one that it shows twice is the first.
   */
  instantOf(day: number, minute: number): number {
    return this.instantAt(day * DAY_MS + minute * MINUTE_MS);
  }

  /** As `instantOf`, for a wall clock to the millisecond: `local` is ms since 1970 as that clock counts them. */
  instantAt(local: number): number {
    // No zone is more than 26 hours from UTC, not even where it skipped a whole day.
    const lowest = local - 26 * 3_600_000;
    const highest = local + 26 * 3_600_000;
    let offset = this.offsetAt(lowest);
    for (let stretch = this.#stretchAt(lowest); ; stretch = this.#stretchAt(stretch.to)) {
      for (const transition of stretch.transitions) {
        if (transition.at <= lowest) continue;
        if (local - offset < transition.at) return local - offset;
        if (local - transition.offset < transition.at) return transition.at;
        offset = transition.offset;
      }
      if (stretch.to > highest) return local - offset;
    }
  }

  /** ms since 1970 as the wall clock counts them at this instant. */
  wallClockAt(instant: number): number {
    return instant + this.offsetAt(instant);
  }

  #stretchAt(instant: number): Stretch {
    const latest = this.#latest;
    if (instant >= latest.from && instant < latest.to) return latest;
    const index = Math.floor(instant / STRETCH_MS);
    let stretch = this.#stretches.get(index);
    if (stretch === undefined) {
      stretch = this.#fill(index * STRETCH_MS, (index + 1) * STRETCH_MS);
      if (this.#stretches.size >= MAX_STRETCHES) this.#stretches.clear();
      this.#stretches.set(index, stretch);
    }
    this.#latest = stretch;
    return stretch;
  }

  #fill(from: number, to: number): Stretch {
    const startOffset = this.#askOffset(from);
    const transitions: Transition[] = [];
    let before = startOffset;
    for (let day = from; day < to; day += DAY_MS) {
      // The last millisecond of the stretch, not the first of the next one: a change there belongs to the next.
      const end = Math.min(day + DAY_MS, to - 1);
      const offset = this.#askOffset(end);
      if (offset === before) continue;
      transitions.push({ at: this.#firstInstantOf(offset, day, end), before, offset });
      before = offset;
    }
    return { from, to, startOffset, transitions };
  }

  #firstInstantOf(offset: number, known: number, end: number): number {
    let low = known;
    let high = end;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#askOffset(middle) === offset) high = middle;
      else low = middle;
    }
    return high;
  }

  #askOffset(instant: number): number {
    const second = Math.floor(Math.max(-MAX_INSTANT, Math.min(MAX_INSTANT, instant)) / 1000) * 1000;
    const match = /^(\d+)\/(\d+)\/(\d+) (\w+), (\d+):(\d+):(\d+)$/.exec(this.#format.format(second));
    if (match === null) throw new RangeError(`the clock of ${this.name} at ${second} cannot be read`);
    const [, month, day, year, era, hour, minute, secondOfMinute] = match;
    const shownYear = era === 'B' || era === 'BC' ? 1 - Number(year) : Number(year);
    const days = dayNumber(shownYear, Number(month), Number(day));
    return days * DAY_MS + ((Number(hour) * 60 + Number(minute)) * 60 + Number(secondOfMinute)) * 1000 - second;
  }
}

/** Traits come from outside: names that exist are few, names that do not exist are without number. */
const MAX_NAMES = 2_000;
const zones = new Map<string, Zone | null>();

/** null where the name is no IANA zone (an offset such as `+02:00` is none). Zones are cached. */
export function findZone(name: string): Zone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= MAX_NAMES) zones.clear();
  const zone = makeZone(name);
  zones.set(name, zone);
  return zone;
}

export function isTimeZone(name: string): boolean {
  return findZone(name) !== null;
}

function makeZone(name: string): Zone | null {
  if (!/^[A-Za-z][\w+\-/]{0,63}$/.test(name)) return null;
  try {
    return new Zone(name);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
