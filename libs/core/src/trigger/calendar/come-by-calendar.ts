import type { CalendarTimer } from '../../customer/calendar-state.js';
import type { EventSnapshot } from '../../event/event.js';
import type { Evaluation } from '../evaluation.js';
import { considerStart } from '../start-run.js';
import type { CalendarPlan } from './compile-calendar.js';
import { armNext, followCalendar } from './follow-calendar.js';

/**
 * The date has come: a start at that instant, and the timer goes on to the next one.
 * @param again another start of the rule has come to this very instant already: one is enough
 */
export function comeByCalendar(evaluation: Evaluation, timer: CalendarTimer, plan: CalendarPlan, again: boolean): void {
  const { due: time, next } = timer;
  // Time alone may have taken the date away, or made it another.
  if (plan.isComputed && followCalendar(evaluation, plan, time)) return;
  timer.done = next;
  armNext(evaluation, plan, timer, time);
  if (again) return;
  considerStart(evaluation, {
    rule: evaluation.rulesets.current.rule(plan.rule)!,
    key: null,
    time,
    lateness: evaluation.clock - time,
    snapshot: noEventAt(time),
    event: null,
  });
}

/** What `start` means in a run that no event has started: only its timestamp is known. */
function noEventAt(time: number): EventSnapshot {
  return { id: '', name: null, time, properties: {} };
}
