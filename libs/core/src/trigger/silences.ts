import type { Silence } from '../customer/customer-state.js';
import { NOT_ARMED } from '../customer/state-codec.js';
import { StoredEvent } from '../customer/stored-event.js';
import type { CustomerEvent } from '../event/event.js';
import { armTimer, disarmTimer } from './arm-timer.js';
import type { SilencePlan } from './compiled-rule.js';
import { askAboutCustomer, type Evaluation } from './evaluation.js';
import { considerStart } from './start-run.js';

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
  const { silences, calendar } = evaluation.state;
  let silence: Silence | undefined = silences.get(plan.fingerprint);
  if (silence !== undefined) {
    if (event.time < silence.last.time || (silence.over && event.time === silence.last.time)) return;
    silence.last = StoredEvent.of(event);
    silence.over = false;
  } else {
    silence = { last: StoredEvent.of(event), over: false, ...NOT_ARMED };
    silences.set(plan.fingerprint, silence);
    calendar.ruleset = evaluation.rulesets.current.number;
  }
  const durationMs = plan.duration(evaluation.context);
  if (durationMs === null) {
    disarmTimer(silence);
    return traceUnknown(evaluation, plan, event.time, event.id);
  }
  arm(evaluation, silence, event.time + durationMs, event.historical);
}

/**
 * Lets a silence take the length that it has for the customer now. One that has thereby lasted already is over as of
 * then; where `pastIsGone`, by imported history or by publishing, it starts nothing.
 * @returns whether it has moved
 */
export function followSilence(evaluation: Evaluation, plan: SilencePlan, pastIsGone: boolean): boolean {
  const silence = evaluation.state.silences.get(plan.fingerprint);
  if (silence === undefined || silence.over) return false;
  const isArmed = silence.fireAt !== Infinity;
  const durationMs = plan.duration(askAboutCustomer(evaluation, evaluation.clock));
  if (durationMs === null) {
    disarmTimer(silence);
    return isArmed;
  }
  const due = silence.last.time + durationMs;
  if (isArmed && due === silence.due) return false;
  arm(evaluation, silence, due, pastIsGone);
  return true;
}

function arm(evaluation: Evaluation, silence: Silence, due: number, pastIsGone: boolean): void {
  // Imported history starts nothing: a silence that was over before it was imported is not made up for.
  silence.over = pastIsGone && due <= evaluation.clock;
  if (silence.over) disarmTimer(silence);
  else armTimer(silence, due, due - silence.last.time, evaluation);
}

/**
 * The silence has lasted: a start at the instant at which it did, once.
 * @param again another start of the rule has come to this very instant already: one is enough
 */
export function endSilence(evaluation: Evaluation, silence: Silence, plan: SilencePlan, again: boolean): void {
  const time = silence.due;
  const durationMs = plan.duration(askAboutCustomer(evaluation, evaluation.clock));
  if (durationMs === null) {
    disarmTimer(silence);
    return traceUnknown(evaluation, plan, time, null);
  }
  if (silence.last.time + durationMs > time) {
    // The rule was published anew with a longer duration since this was armed, or time alone has made it longer.
    armTimer(silence, silence.last.time + durationMs, durationMs, evaluation);
    return;
  }
  silence.over = true;
  disarmTimer(silence);
  if (again) return;
  considerStart(evaluation, {
    rule: evaluation.rulesets.current.rule(plan.rule)!,
    key: null,
    time,
    lateness: evaluation.clock - time,
    snapshot: silence.last,
    event: null,
  });
}

function traceUnknown(evaluation: Evaluation, plan: SilencePlan, time: number, event: string | null): void {
  if (!evaluation.options.explain) return;
  evaluation.effects.traces.push({
    kind: 'not_started',
    rule: plan.rule,
    key: null,
    at: Math.max(time, evaluation.clock),
    event,
    reason: 'duration_unknown',
    detail: null,
  });
}
