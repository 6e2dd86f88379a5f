import type { Timer } from './timer.js';

/** What the starts `date` and `every` remember of a customer. */
export interface CalendarState {
  /** Ruleset whose starts these timers are, and the silences with them; 0: of none yet. */
  ruleset: number;
  /** One a start, by its fingerprint. */
  readonly timers: Map<number, CalendarTimer>;
}

/** Not armed: its date has come once and for all, or was past when it became known. */
export interface CalendarTimer extends Timer {
  /** Fingerprint of the value whose date this is; 0 for those of the calendar alone. */
  value: number;
  /** Which of its dates it is armed for: their number from 0, days since 1970-01-01 for `every`. */
  next: number;
  /** The only date of this value has come: a start without `every` is one for each value. */
  done: boolean;
}

export function newCalendarState(): CalendarState {
  return { ruleset: 0, timers: new Map() };
}
