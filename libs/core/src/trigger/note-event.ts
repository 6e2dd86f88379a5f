import type { Counter, Silence } from '../customer/customer-state.js';
import { NOT_ARMED } from '../customer/state-codec.js';
import { StoredEvent } from '../customer/stored-event.js';
import type { CustomerEvent } from '../event/event.js';
import { armTimer, disarmTimer } from './arm-timer.js';
import type { SilencePlan } from './compiled-rule.js';
import { count, type CounterPlan } from './conditions/history.js';
import type { Evaluation } from './evaluation.js';

/** Counts the event; returns whether it must not be judged twice. */
export function countEvent(evaluation: Evaluation, plans: readonly CounterPlan[], event: CustomerEvent): boolean {
  const { state, context } = evaluation;
  let judged = false;
  for (const plan of plans) {
    if (plan.where !== null && !plan.where(context)) {
      judged ||= !plan.whereIsFinal;
      continue;
    }
    let counter = state.counters.get(plan.fingerprint);
    if (counter === undefined) state.counters.set(plan.fingerprint, (counter = newCounter()));
    count(plan, counter, event);
    judged = true;
  }
  return judged;
}

/** Begins silences anew that this event breaks; a late event never moves one backwards. */
export function breakSilences(evaluation: Evaluation, plans: readonly SilencePlan[], event: CustomerEvent): boolean {
  let judged = false;
  for (const plan of plans) {
    judged = true;
    if (plan.where === null || plan.where(evaluation.context)) breakSilence(evaluation, plan, event);
  }
  return judged;
}

function breakSilence(evaluation: Evaluation, plan: SilencePlan, event: CustomerEvent): void {
  const { silences } = evaluation.state;
  let silence: Silence | undefined = silences.get(plan.fingerprint);
  if (silence !== undefined) {
    const isOver = silence.fireAt === Infinity;
    if (event.time < silence.last.time || (isOver && event.time === silence.last.time)) return;
    silence.last = StoredEvent.of(event);
  } else {
    silence = { last: StoredEvent.of(event), ...NOT_ARMED };
    silences.set(plan.fingerprint, silence);
  }
  const due = event.time + plan.durationMs;
  // Imported history starts nothing: a silence that was over before it was imported is not made up for.
  if (event.historical && due <= evaluation.clock) disarmTimer(silence);
  else armTimer(silence, due, plan.durationMs, evaluation);
}

function newCounter(): Counter {
  return { total: 0, times: [], events: [] };
}
