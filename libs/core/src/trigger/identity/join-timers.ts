import type { CalendarTimer } from '../../customer/calendar-state.js';
import type { CustomerState, Silence, Timer } from '../../customer/customer-state.js';
import { armTimer } from '../arm-timer.js';
import type { Evaluation } from '../evaluation.js';

/** Silences and dates: what is later stays, whichever id it was known under. */
export function joinTimers(evaluation: Evaluation, from: CustomerState): void {
  const { silences, calendar } = evaluation.state;
  for (const [fingerprint, silence] of from.silences) {
    const known = silences.get(fingerprint);
    if (known === undefined || isLaterSilence(silence, known)) silences.set(fingerprint, silence);
    rearm(evaluation, silences.get(fingerprint)!, silences.get(fingerprint)!.last.time);
  }
  for (const [fingerprint, timer] of from.calendar.timers) {
    const known = calendar.timers.get(fingerprint);
    if (known === undefined || isLaterDate(timer, known)) calendar.timers.set(fingerprint, timer);
    const kept = calendar.timers.get(fingerprint)!;
    rearm(evaluation, kept, kept.due);
  }
  calendar.ruleset = metBoth(calendar.ruleset, from.calendar.ruleset);
}

/**
 * A timer that comes from another partition may be overdue on this one's clock. It is born late: what the other partition
 * sends after it is read first.
 * @param since event time from which it waits, ms
 */
export function rearm(evaluation: Evaluation, timer: Timer, since: number): void {
  if (timer.fireAt === Infinity || timer.fireAt > evaluation.clock) return;
  armTimer(timer, timer.due, Math.max(0, timer.due - since), evaluation);
}

/** Of equal ones that which is over: it has started what it had to start. */
function isLaterSilence(silence: Silence, known: Silence): boolean {
  if (silence.last.time !== known.last.time) return silence.last.time > known.last.time;
  return silence.over && !known.over;
}

/** A date that has come for this value is not made up for under another id. */
function isLaterDate(timer: CalendarTimer, known: CalendarTimer): boolean {
  if (timer.done !== known.done) return timer.done;
  if (timer.fireAt === Infinity || known.fireAt === Infinity) return known.fireAt === Infinity;
  return timer.due > known.due;
}

/** 0: it has met none, so the other's word counts; a state that has not met the present one meets it with the next event. */
function metBoth(ruleset: number, other: number): number {
  return ruleset === 0 || other === 0 ? Math.max(ruleset, other) : Math.min(ruleset, other);
}
