import type { CustomerState } from '../customer/customer-state.js';
import { textHash } from '../customer/text-hash.js';
import type { CustomerEvent } from '../event/event.js';
import { applyProfile } from './apply-profile.js';
import type { CompiledRule } from './compiled-rule.js';
import type { ComputedPlan } from './computed/compile-computed.js';
import { affectedSegments, segmentChanges, settleSegments } from './computed/judge-segments.js';
import { takeEvent } from './computed/take-event.js';
import type { CounterPlan } from './conditions/history.js';
import type { Effects } from './effects.js';
import { beginEvaluation, ruleOf, type EvaluateOptions, type Evaluation } from './evaluation.js';
import { meetOccurrences } from './meet-occurrences.js';
import { breakSilences, countEvent } from './note-event.js';
import { eventOccurrence } from './occurrence.js';
import type { EventPlan, Rulesets } from './ruleset.js';
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
  const segments = affectedSegments(evaluation, plan, event);
  if (segments.length > 0) settleSegments(evaluation, segments, event);
  let changed = applyProfile(state, event, effects) || segments.length > 0;
  if (noteEvent(evaluation, plan, event)) changed = true;
  const changes = segments.length === 0 ? [] : segmentChanges(evaluation, segments, event);
  if (event.name !== null && (plan !== undefined || state.runs.length > 0 || state.ended.length > 0))
    changes.unshift(eventOccurrence(event, event.name));
  if (changes.length > 0 && meetOccurrences(evaluation, changes)) changed = true;
  if (!changed && !options.rememberForever) return false;
  state.seen.add(hash, logTime);
  tidyState(rulesets.current, state, logTime, options);
  return true;
}

function noteEvent(evaluation: Evaluation, plan: EventPlan | undefined, event: CustomerEvent): boolean {
  const { current } = evaluation.rulesets;
  askAboutEvent(evaluation, event);
  let judged = countEvent(evaluation, countersFor(evaluation, plan, event.name), event);
  if (takeEvent(evaluation, computedFor(evaluation, plan, event.name), event)) judged = true;
  if (plan !== undefined && breakSilences(evaluation, plan.silences, event)) judged = true;
  const isActivity = event.type === 'track' || event.type === 'page' || event.type === 'screen';
  if (isActivity && breakSilences(evaluation, current.anyEvent, event)) judged = true;
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

/** Before a run is in sight: `start` is the event itself. */
function askAboutEvent({ context }: Evaluation, event: CustomerEvent): void {
  context.event = context.start = event;
  context.starts = null;
  context.startedAt = context.now = event.time;
}
