import { newKept } from '../../customer/computed-state.js';
import type { CustomerEvent } from '../../event/event.js';
import type { Evaluation } from '../evaluation.js';
import type { ComputedPlan } from './compile-computed.js';

/** Takes the event into what is kept; returns whether it must not be judged twice. */
export function takeEvent(evaluation: Evaluation, plans: readonly ComputedPlan[], event: CustomerEvent): boolean {
  let judged = false;
  for (const plan of plans) if (takeInto(evaluation, plan, event)) judged = true;
  return judged;
}

function takeInto({ state, context, clock }: Evaluation, plan: ComputedPlan, event: CustomerEvent): boolean {
  const { kept } = state.computed;
  const known = kept.get(plan.fingerprint);
  const material = known ?? newKept();
  let changed = false;
  if (plan.until.has(event.name!)) {
    plan.keeper.takeOut!(material, event, clock);
    changed = true;
  }
  let judged = changed;
  if (plan.of.has(event.name!)) {
    if (plan.where !== null && !plan.where(context)) judged ||= !plan.whereIsFinal;
    else if (plan.keeper.take(material, event, clock)) changed = judged = true;
  }
  if (changed && known === undefined) kept.set(plan.fingerprint, material);
  return judged;
}
