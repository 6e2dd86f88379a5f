import type { CalendarTimer } from '../../customer/calendar-state.js';
import type { EventSnapshot } from '../../event/event.js';
import type { Evaluation } from '../evaluation.js';
import { considerStart } from '../start-run.js';
import type { CalendarPlan } from './compile-calendar.js';
import { armFollowing, followCalendar } from './follow-calendar.js';

/**
 * The date has come: a start at that instant, and the timer goes on to the next one.
 * @param again another start of the rule has come to this very instant already: one is enough
 */
export function comeByCalendar(evaluation: Evaluation, timer: CalendarTimer, plan: CalendarPlan, again: boolean): void {
  const { due: time } = timer;
  // Time alone may have taken the date away, or made it another.
  if (plan.isComputed && followCalendar(evaluation, plan, time)) return;
  armFollowing(evaluation, plan, timer);
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
