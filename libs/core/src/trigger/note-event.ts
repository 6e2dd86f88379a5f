import type { Counter } from '../customer/customer-state.js';
import type { CustomerEvent } from '../event/event.js';
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

function newCounter(): Counter {
  return { total: 0, times: [], events: [] };
}
