import type { CustomerState, RunKey } from '../customer/customer-state.js';
import { textHash } from '../customer/text-hash.js';
import type { CustomerEvent } from '../event/event.js';
import { applyProfile } from './apply-profile.js';
import { isAnyOf } from './compile-occasion.js';
import type { CompiledRule, CompiledStart } from './compiled-rule.js';
import type { CounterPlan } from './conditions/history.js';
import type { Effects } from './effects.js';
import { endRun, withdrawMessages } from './end-run.js';
import { beginEvaluation, contextOf, ruleOf, type EvaluateOptions, type Evaluation } from './evaluation.js';
import { explainCondition } from './explain-condition.js';
import { breakSilences, countEvent } from './note-event.js';
import { keyTextOf } from './run-key.js';
import type { EventPlan, Rulesets } from './ruleset.js';
import { wakeRun } from './run-steps.js';
import { considerStart } from './start-run.js';
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
  const hash = textHash(event.id);
  if (state.seen.has(hash)) return false;
  const evaluation = beginEvaluation(rulesets, state, effects, options, logTime);
  const plan = event.name === null ? undefined : rulesets.current.planFor(event.name);
  let changed = stopRemovedRuns(evaluation, logTime);
  if (applyProfile(state, event, effects)) changed = true;
  if (noteEvent(evaluation, plan, event)) changed = true;
  if (event.name !== null) {
    if (meetRuns(evaluation, event, event.name) || plan?.listened === true) changed = true;
    if (plan !== undefined && !event.historical && startRuns(evaluation, plan, event)) changed = true;
  }
  if (!changed && !options.rememberForever) return false;
  state.seen.add(hash, logTime);
  tidyState(rulesets.current, state, logTime, options);
  return true;
}

function noteEvent(evaluation: Evaluation, plan: EventPlan | undefined, event: CustomerEvent): boolean {
  const { current } = evaluation.rulesets;
  askAboutEvent(evaluation, event);
  let judged = countEvent(evaluation, countersFor(evaluation, plan, event.name), event);
  if (plan !== undefined && breakSilences(evaluation, plan.silences, event)) judged = true;
  const isActivity = event.type === 'track' || event.type === 'page' || event.type === 'screen';
  if (isActivity && breakSilences(evaluation, current.anyEvent, event)) judged = true;
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

/** Goals, stops and waits, each for all runs before the next. Returns whether a run listened to this name. */
function meetRuns(evaluation: Evaluation, event: CustomerEvent, name: string): boolean {
  const { state } = evaluation;
  if (state.runs.length === 0 && state.ended.length === 0) return false;
  const listening = [...state.runs, ...state.ended].filter((run) => ruleOf(evaluation, run).listensTo.has(name));
  if (listening.length === 0) return false;
  endThose(evaluation, event, name, 'goal_reached');
  endThose(evaluation, event, name, 'stopped');
  if (!event.historical) wakeThose(evaluation, event, name);
  return true;
}

function endThose(
  evaluation: Evaluation,
  event: CustomerEvent,
  name: string,
  outcome: 'goal_reached' | 'stopped',
): void {
  const { state } = evaluation;
  const ends = (rule: CompiledRule): typeof rule.goal => (outcome === 'goal_reached' ? rule.goal : rule.stop);
  const reason = outcome === 'goal_reached' ? 'goal_reached' : 'run_stopped';
  for (const run of [...state.runs, ...state.ended]) {
    const rule = ruleOf(evaluation, run);
    if (!rule.listensTo.has(name)) continue;
    if (outcome === 'goal_reached' && event.time - run.startedAt >= rule.goalWithinMs) continue;
    if (!isAnyOf(ends(rule), name, contextOf(evaluation, run, event, event.time))) continue;
    withdrawMessages(evaluation, run, reason);
    // A run that has ended keeps its outcome: only its messages are taken back.
    if (state.runs.includes(run)) endRun(evaluation, run, outcome, event.id, event.time);
    else state.ended.splice(state.ended.indexOf(run), 1);
  }
}

function wakeThose(evaluation: Evaluation, event: CustomerEvent, name: string): void {
  for (const run of [...evaluation.state.runs]) {
    const rule = ruleOf(evaluation, run);
    const node = rule.steps[run.node]!;
    if (run.held || node.kind !== 'wait for') continue;
    if (isAnyOf(node.occasions, name, contextOf(evaluation, run, event, event.time)))
      wakeRun(evaluation, rule, run, event.time);
  }
}

/** Returns whether the state had a say in it. */
function startRuns(evaluation: Evaluation, plan: EventPlan, event: CustomerEvent): boolean {
  let judged = false;
  for (const { rule, occasions } of plan.starts) {
    if (startRun(evaluation, rule, occasions, event)) judged = true;
  }
  return judged;
}

function startRun(
  evaluation: Evaluation,
  rule: CompiledRule,
  occasions: readonly CompiledStart[],
  event: CustomerEvent,
): boolean {
  let judged = false;
  for (const occasion of occasions) {
    askAboutEvent(evaluation, event);
    if (!occasion.whereIsFinal) judged = true;
    if (occasion.where !== null && !occasion.where(evaluation.context)) continue;
    const key = keyOf(evaluation, occasion);
    if (key === undefined) continue;
    const lateness = evaluation.clock - event.time;
    considerStart(evaluation, { rule, key, time: event.time, lateness, snapshot: event, event: event.id });
    return true;
  }
  if (evaluation.options.explain) traceNoStart(evaluation, rule, occasions[0]!, event);
  return judged;
}

/** undefined where one of its properties is missing. */
function keyOf(evaluation: Evaluation, occasion: CompiledStart): RunKey | undefined {
  if (occasion.key.length === 0) return null;
  const parts: string[] = [];
  for (const { read } of occasion.key) {
    const text = keyTextOf(read(evaluation.context));
    if (text === undefined) return undefined;
    parts.push(text);
  }
  return parts.length === 1 ? parts[0]! : parts;
}

function traceNoStart(evaluation: Evaluation, rule: CompiledRule, occasion: CompiledStart, event: CustomerEvent): void {
  askAboutEvent(evaluation, event);
  const { context } = evaluation;
  const refused = occasion.where !== null && !occasion.where(context);
  const missing = occasion.key.find(({ read }) => keyTextOf(read(context)) === undefined);
  evaluation.effects.traces.push({
    kind: 'not_started',
    rule: rule.name,
    key: null,
    at: Math.max(event.time, evaluation.clock),
    event: event.id,
    reason: refused ? 'where_false' : 'key_missing',
    detail: refused ? explainCondition(occasion.condition!, context) : `${missing?.text ?? 'the key'} is missing`,
  });
}

/** Before a run is in sight: `start` is the event itself. */
function askAboutEvent({ context }: Evaluation, event: CustomerEvent): void {
  context.event = context.start = event;
  context.starts = null;
  context.startedAt = context.now = event.time;
}
