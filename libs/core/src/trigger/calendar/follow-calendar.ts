import type { CalendarTimer } from '../../customer/calendar-state.js';
import { nextOccurrence } from '../../time/occurrences.js';
import { armTimer, disarmTimer } from '../arm-timer.js';
import { askAboutCustomer, type Evaluation } from '../evaluation.js';
import type { CalendarPlan, CustomerDates } from './compile-calendar.js';

/**
 * Lets the timer of a calendar start follow the customer's date and zone as they are now. Only what lies after `after`
 * (ms) is armed: nothing is made up for, neither a value that becomes known when its date is past, nor a zone in which
 * the hour has passed. A timer that stands right stays untouched.
 * @returns whether the state has changed
 */
export function followCalendar(evaluation: Evaluation, plan: CalendarPlan, after: number): boolean {
  const { timers } = evaluation.state.calendar;
  const dates = plan.dates(askAboutCustomer(evaluation, evaluation.clock));
  const known = timers.get(plan.fingerprint);
  if (dates === null) return timers.delete(plan.fingerprint);
  if (known === undefined || known.value !== dates.value) {
    const timer: CalendarTimer = { value: dates.value, next: 0, done: false, due: 0, fireAt: Infinity, actsAt: 0 };
    timers.set(plan.fingerprint, timer);
    armNext(evaluation, dates, timer, after);
    return true;
  }
  if (known.done) return false;
  const isArmed = known.fireAt !== Infinity;
  if (isArmed && dates.occurrences.at(known.next) === known.due) return false;
  return armNext(evaluation, dates, known, after) || isArmed;
}

/** The date of a timer has come: it goes on to the next one. */
export function armFollowing(evaluation: Evaluation, plan: CalendarPlan, timer: CalendarTimer): void {
  const { due } = timer;
  const dates = plan.dates(askAboutCustomer(evaluation, evaluation.clock));
  timer.done = dates?.occurrences.last === timer.next;
  armNext(evaluation, dates, timer, due);
}

function armNext(evaluation: Evaluation, dates: CustomerDates | null, timer: CalendarTimer, after: number): boolean {
  const next = dates && nextOccurrence(dates.occurrences, after);
  if (next === null) {
    disarmTimer(timer);
    timer.next = 0;
    return false;
  }
  timer.next = next.number;
  armTimer(timer, next.instant, null, evaluation);
  return true;
}
