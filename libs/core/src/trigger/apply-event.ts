import type { CustomerState } from '../customer/customer-state.js';
import { textHash } from '../customer/text-hash.js';
import type { CustomerEvent } from '../event/event.js';
import { applyProfile } from './apply-profile.js';
import type { CounterPlan } from './conditions/history.js';
import type { Effects } from './effects.js';
import { beginEvaluation, contextWithoutRun, ruleOf, type EvaluateOptions, type Evaluation } from './evaluation.js';
import { meetOccurrences } from './meet-occurrences.js';
import { isOwnWord } from './message-event.js';
import { countEvent } from './note-event.js';
import { followCustomer, meetRuleset } from './follow-customer.js';
import { eventOccurrence } from './occurrence.js';
import type { EventPlan, Rulesets } from './ruleset.js';
import { breakSilences } from './silences.js';
import { tidyState } from './tidy-state.js';

const NO_OPTIONS: EvaluateOptions = {};

/**
 * Applies one event of this customer, after `fireTimers` up to the same log time: profile and counters first, then
 * `goal`, then `stop`, then waits that listen, then new starts. A duplicate changes nothing. Appends to `effects`.
 *
 * Every event whose evaluation looked at the state is remembered as seen, also one that was refused: the state that
 * refused it may be another when a copy arrives.
 * @param logTime largest append time of the partition so far, this record's included; ms
 * @returns whether the state has changed and must be written
 * @throws MissingRuleVersionError; the state is then half changed and must be thrown away
 */
// eslint-disable-next-line max-params -- the sixth has a default; only simulation and tests give it
export function applyEvent(
  rulesets: Rulesets,
  state: CustomerState,
  event: CustomerEvent,
  logTime: number,
  effects: Effects,
  options: EvaluateOptions = NO_OPTIONS,
): boolean {
  const hash = textHash(event.id);
  if (state.seen.has(hash)) return false;
  const evaluation = beginEvaluation(rulesets, state, effects, options, logTime);
  const plan = event.name === null ? undefined : rulesets.current.planFor(event.name);
  let changed = meetRuleset(evaluation);
  const { changes } = state.traits;
  if (publishTraits(state, event)) changed = true;
  if (applyProfile(state, event, effects)) changed = true;
  if (noteEvent(evaluation, plan, event)) changed = true;
  if (event.name !== null && (plan !== undefined || state.runs.length > 0 || state.ended.length > 0)) {
    if (meetOccurrences(evaluation, [eventOccurrence(event, event.name)])) changed = true;
  }
  const time = event.historical ? logTime : event.time;
  const traits = state.traits.changes !== changes;
  if (followCustomer(evaluation, { time, traits, historical: event.historical })) changed = true;
  if (!changed && !options.rememberForever) return false;
  state.seen.add(hash, logTime);
  tidyState(rulesets.current, state, logTime, options);
  return true;
}

/** From this event on everybody sees what runs have `set`; what Kairos itself says of its messages is none. */
function publishTraits(state: CustomerState, event: CustomerEvent): boolean {
  if (state.written.length === 0 || isOwnWord(event)) return false;
  for (const { name, value, time } of state.written) state.traits.set(name, value, time);
  state.written.length = 0;
  return true;
}

function noteEvent(evaluation: Evaluation, plan: EventPlan | undefined, event: CustomerEvent): boolean {
  const { current } = evaluation.rulesets;
  contextWithoutRun(evaluation, event, event, event.time);
  let judged = countEvent(evaluation, countersFor(evaluation, plan, event.name), event);
  if (plan !== undefined && breakSilences(evaluation, plan.silences, event)) judged = true;
  const isActivity = event.type === 'track' || event.type === 'page' || event.type === 'screen';
  if (isActivity && !isOwnWord(event) && breakSilences(evaluation, current.anyEvent, event)) judged = true;
  return judged;
}

/** Those of the current rules, and those of older versions that runs of this customer still keep. */
function countersFor(evaluation: Evaluation, plan: EventPlan | undefined, name: string | null): readonly CounterPlan[] {
  const { rulesets, state } = evaluation;
  let counters: readonly CounterPlan[] = plan?.counters ?? [];
  if (name === null) return counters;
  for (const run of state.runs) {
    const rule = ruleOf(evaluation, run);
    if (rule.counters.length === 0 || rulesets.current.rule(rule.name) === rule) continue;
    const more = rule.counters.filter(
      (own) => own.names.includes(name) && !counters.some((other) => other.fingerprint === own.fingerprint),
    );
    if (more.length > 0) counters = [...counters, ...more];
  }
  return counters;
}
