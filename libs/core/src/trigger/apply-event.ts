import type { CustomerState } from '../customer/customer-state.js';
import { textHash } from '../customer/text-hash.js';
import type { CustomerEvent } from '../event/event.js';
import { applyProfile } from './apply-profile.js';
import type { CompiledRule } from './compiled-rule.js';
import type { ComputedPlan } from './computed/compile-computed.js';
import { affectedSegments, segmentChanges, settleSegments } from './computed/judge-segments.js';
import type { SegmentPlan } from './computed/segment-plan.js';
import { takeEvent } from './computed/take-event.js';
import type { CounterPlan } from './conditions/history.js';
import type { Effects } from './effects.js';
import { beginEvaluation, contextWithoutRun, ruleOf, type EvaluateOptions, type Evaluation } from './evaluation.js';
import { rememberInRing } from './identity/ring.js';
import { meetOccurrences } from './meet-occurrences.js';
import { isOwnWord } from './message-event.js';
import { countEvent } from './note-event.js';
import { followCustomer, meetRuleset } from './follow-customer.js';
import { eventOccurrence } from './occurrence.js';
import type { EventPlan, Rulesets } from './ruleset.js';
import { breakSilences } from './silences.js';
import { stopRemovedRuns } from './stop-removed-runs.js';
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
  const hash = options.eachOnce === true ? null : textHash(event.id);
  if (hash !== null && state.seen.has(hash)) return false;
  const evaluation = beginEvaluation(rulesets, state, effects, options, logTime);
  const plan = event.name === null ? undefined : rulesets.current.planFor(event.name);
  const joined = options.joined === true;
  const segments = affectedSegments(evaluation, plan, event, joined);
  if (segments.length > 0) settleSegments(evaluation, segments);
  let changed = stopRemovedRuns(evaluation, logTime);
  const met = meetRuleset(evaluation);
  if (met || joined) changed = true;
  const { changes: before } = state.traits;
  if (publishTraits(state, event)) changed = true;
  if (applyProfile(state, event, effects) || segments.length > 0) changed = true;
  if (noteEvent(evaluation, plan, event)) changed = true;
  if (meetWhatHappens(evaluation, plan, event, segments)) changed = true;
  const traits = joined || state.traits.changes !== before;
  if (followCustomer(evaluation, { met, traits, historical: event.historical })) changed = true;
  if (!changed && !options.rememberForever) return false;
  if (event.named === true) state.identity.named = true;
  if (hash !== null) state.seen.add(hash, logTime);
  tidyState(rulesets.current, state, logTime, options);
  return true;
}

/** The event, and what it has changed of segments, meets the runs. */
function meetWhatHappens(
  evaluation: Evaluation,
  plan: EventPlan | undefined,
  event: CustomerEvent,
  segments: readonly SegmentPlan[],
): boolean {
  const { runs, ended } = evaluation.state;
  const happens = segments.length === 0 ? [] : segmentChanges(evaluation, segments, event);
  if (event.name !== null && (plan !== undefined || runs.length > 0 || ended.length > 0))
    happens.unshift(eventOccurrence(event, event.name));
  const judged = happens.length > 0 && meetOccurrences(evaluation, happens);
  return judged || segments.length > 0;
}

/** From this event on everybody sees what runs have `set`; what Kairos itself says of its messages is none. */
function publishTraits(state: CustomerState, event: CustomerEvent): boolean {
  if (state.written.length === 0 || isOwnWord(event)) return false;
  for (const { name, value, time } of state.written) state.traits.set(name, value, time);
  state.written.length = 0;
  return true;
}

function noteEvent(evaluation: Evaluation, plan: EventPlan | undefined, event: CustomerEvent): boolean {
  const {
    rulesets: { current },
    state,
  } = evaluation;
  contextWithoutRun(evaluation, event, event, event.time);
  let judged = countEvent(evaluation, countersFor(evaluation, plan, event.name), event);
  if (takeEvent(evaluation, computedFor(evaluation, plan, event.name), event)) judged = true;
  if (plan?.ring) rememberInRing(state.identity.ring, plan.ring, event);
  if (plan !== undefined && breakSilences(evaluation, plan.silences, event)) judged = true;
  const isActivity = event.type === 'track' || event.type === 'page' || event.type === 'screen';
  if (isActivity && !isOwnWord(event) && breakSilences(evaluation, current.anyEvent, event)) judged = true;
  return judged;
}

function countersFor(evaluation: Evaluation, plan: EventPlan | undefined, name: string | null): readonly CounterPlan[] {
  const current = plan?.counters ?? [];
  return name === null
    ? current
    : withPinned(evaluation, current, (rule) => rule.counters.filter((own) => own.names.includes(name)));
}

function computedFor(
  evaluation: Evaluation,
  plan: EventPlan | undefined,
  name: string | null,
): readonly ComputedPlan[] {
  const current = plan?.computed ?? [];
  return name === null
    ? current
    : withPinned(evaluation, current, (rule) => rule.computed.filter((own) => own.of.has(name) || own.until.has(name)));
}

/** What the current rules keep, and what older versions of rules do that runs of this customer still follow. */
function withPinned<T extends { readonly fingerprint: number }>(
  evaluation: Evaluation,
  current: readonly T[],
  ofRule: (rule: CompiledRule) => readonly T[],
): readonly T[] {
  let all = current;
  for (const run of evaluation.state.runs) {
    const rule = ruleOf(evaluation, run);
    if (evaluation.rulesets.current.rule(rule.name) === rule) continue;
    const more = ofRule(rule).filter((own) => !all.some((other) => other.fingerprint === own.fingerprint));
    if (more.length > 0) all = [...all, ...more];
  }
  return all;
}
