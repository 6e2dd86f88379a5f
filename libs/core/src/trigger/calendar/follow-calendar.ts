import type { CalendarTimer } from '../../customer/calendar-state.js';
import { nextOccurrence } from '../../time/occurrences.js';
import { armTimer, disarmTimer } from '../arm-timer.js';
import { askAboutCustomer, type Evaluation } from '../evaluation.js';
import type { CalendarPlan } from './compile-calendar.js';

/**
 * Lets the timer of a calendar start follow the customer's date and zone as they are at `time` (ms): only what does not
 * lie before that is armed, so that a value which becomes known when its date is past starts nothing, and a zone in
 * which the hour has passed loses it. A timer that stands right stays untouched.
 * @returns whether the state has changed
 */
export function followCalendar(evaluation: Evaluation, plan: CalendarPlan, time: number): boolean {
  const { timers } = evaluation.state.calendar;
  const dates = plan.dates(askAboutCustomer(evaluation, Math.max(time, evaluation.clock)));
  const known = timers.get(plan.fingerprint);
  if (dates === null) return timers.delete(plan.fingerprint);
  const { value, occurrences } = dates;
  if (known === undefined || known.value !== value) {
    const timer: CalendarTimer = { value, next: 0, done: null, due: 0, fireAt: Infinity, actsAt: 0 };
    timers.set(plan.fingerprint, timer);
    armNext(evaluation, plan, timer, time - 1);
    return true;
  }
  const isArmed = known.fireAt !== Infinity;
  if (isArmed && occurrences.at(known.next) === known.due) return false;
  if (!isArmed && occurrences.last === known.done) return false;
  return armNext(evaluation, plan, known, time - 1) || isArmed;
}

/** Arms the first date after `time` that has not come yet; returns false where there is none. */
export function armNext(evaluation: Evaluation, plan: CalendarPlan, timer: CalendarTimer, time: number): boolean {
  const dates = plan.dates(askAboutCustomer(evaluation, Math.max(time, evaluation.clock)));
  const next = dates && nextOccurrence(dates.occurrences, time, timer.done);
  if (next === null) {
    disarmTimer(timer);
    timer.next = 0;
    return false;
  }
  timer.next = next.number;
  armTimer(timer, next.instant, null, evaluation);
  return true;
}
