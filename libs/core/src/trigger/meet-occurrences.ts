import type { Run, RunKey } from '../customer/customer-state.js';
import { isAnyOf, mayBe } from './compile-occasion.js';
import type { CompiledRule, CompiledStart } from './compiled-rule.js';
import { endRun, withdrawMessages } from './end-run.js';
import { contextOf, contextWithoutRun, ruleOf, type Evaluation } from './evaluation.js';
import { explainCondition } from './explain-condition.js';
import { isGone, noteGone } from './latest-messages.js';
import type { Occurrence } from './occurrence.js';
import { compareTexts, keyTextOf } from './run-key.js';
import type { EventPlan } from './ruleset.js';
import { giveUpWait, wakeRun } from './run-steps.js';
import { considerStart } from './start-run.js';

/**
 * What happens at one instant meets the runs: `goal`, then `stop` of all of it, then waits that listen, then new starts
 * (rule-language.md, Exact meaning 3). The event comes before the changes of segments it has brought about.
 * @returns whether the state had a say in it
 */
export function meetOccurrences(evaluation: Evaluation, occurrences: readonly Occurrence[]): boolean {
  let judged = false;
  const heard = occurrences.filter((occurrence) => isHeard(evaluation, occurrence));
  if (heard.length > 0) {
    judged = true;
    for (const occurrence of heard) endThose(evaluation, occurrence, 'goal_reached', allOf(evaluation));
    for (const occurrence of heard) endThose(evaluation, occurrence, 'stopped', allOf(evaluation));
    const woken = new Set<Run>();
    for (const occurrence of heard)
      if (!occurrence.historical) wakeThose(evaluation, occurrence, woken, evaluation.state.runs);
    for (const occurrence of heard) if (!occurrence.historical) giveUpThose(evaluation, occurrence, woken);
  }
  const starts: StartOccasion[] = [];
  for (const occurrence of occurrences) {
    const plan = planOf(evaluation, occurrence);
    if (plan === undefined) continue;
    if (plan.listened) judged = true;
    if (occurrence.historical) continue;
    for (const { rule, occasions } of plan.starts)
      for (const occasion of occasions) starts.push({ rule, occasion, occurrence });
  }
  // An event and the changes it brings about are one: a rule starts once, by the first in its list.
  if (occurrences.length > 1) starts.sort(compareStarts);
  return startRuns(evaluation, starts) || judged;
}

/**
 * What happened before this run came to the customer (engine.md, Identity), in its order: it ends the run, takes its messages
 * back, or ends the wait it is in if that had been reached by then. It starts nothing.
 */
export function meetRunAfterwards(evaluation: Evaluation, run: Run, occurrence: Occurrence): void {
  const { state } = evaluation;
  const isThere = (): boolean => state.runs.includes(run) || state.ended.includes(run);
  if (!isThere() || !listens(ruleOf(evaluation, run), occurrence)) return;
  endThose(evaluation, occurrence, 'goal_reached', [run]);
  if (isThere()) endThose(evaluation, occurrence, 'stopped', [run]);
  if (state.runs.includes(run) && occurrence.time >= waitReachedAt(evaluation, run))
    wakeThose(evaluation, occurrence, new Set(), [run]);
}

/** When the run reached the wait it is in, ms. */
function waitReachedAt(evaluation: Evaluation, run: Run): number {
  if (run.until !== null) return run.until.reachedAt;
  const node = ruleOf(evaluation, run).steps[run.node]!;
  if (node.kind !== 'wait for' || node.end.kind === 'until') return run.startedAt;
  return run.due - (node.end.duration(contextOf(evaluation, run, null, run.due)) ?? 0);
}

/** A start of a rule that may be what happens. */
interface StartOccasion {
  readonly rule: CompiledRule;
  readonly occasion: CompiledStart;
  readonly occurrence: Occurrence;
}

function compareStarts({ rule, occasion }: StartOccasion, other: StartOccasion): number {
  if (rule !== other.rule) return compareTexts(rule.name, other.rule.name);
  return rule.eventStarts.indexOf(occasion) - rule.eventStarts.indexOf(other.occasion);
}

function planOf({ rulesets: { current } }: Evaluation, { kind, name }: Occurrence): EventPlan | undefined {
  return kind === 'event' ? current.planFor(name) : current.planForChange(kind, name);
}

/** Whether a run, of whatever version, listens to it. */
function isHeard(evaluation: Evaluation, occurrence: Occurrence): boolean {
  const { runs, ended } = evaluation.state;
  for (const run of runs) if (listens(ruleOf(evaluation, run), occurrence)) return true;
  for (const run of ended) if (listens(ruleOf(evaluation, run), occurrence)) return true;
  return false;
}

function listens(rule: CompiledRule, occurrence: Occurrence): boolean {
  return mayBe(rule.listensTo, rule.listensToChanges, occurrence);
}

function allOf({ state }: Evaluation): readonly Run[] {
  return [...state.runs, ...state.ended];
}

function endThose(
  evaluation: Evaluation,
  occurrence: Occurrence,
  outcome: 'goal_reached' | 'stopped',
  runs: readonly Run[],
): void {
  const { state } = evaluation;
  const ends = (rule: CompiledRule): typeof rule.goal => (outcome === 'goal_reached' ? rule.goal : rule.stop);
  const reason = outcome === 'goal_reached' ? 'goal_reached' : 'run_stopped';
  for (const run of runs) {
    const rule = ruleOf(evaluation, run);
    if (!listens(rule, occurrence)) continue;
    if (outcome === 'goal_reached' && occurrence.time - run.startedAt >= rule.goalWithinMs) continue;
    if (!isAnyOf(ends(rule), occurrence, contextOf(evaluation, run, occurrence.event, occurrence.time), run)) continue;
    withdrawMessages(evaluation, run, reason);
    // A run that has ended keeps its outcome: only its messages are taken back.
    if (state.runs.includes(run)) endRun(evaluation, run, outcome, occurrence.id, occurrence.time);
    else state.ended.splice(state.ended.indexOf(run), 1);
  }
}

/** @param woken runs that something of this instant has woken: only what happens after it counts for their next wait */
function wakeThose(evaluation: Evaluation, occurrence: Occurrence, woken: Set<Run>, runs: readonly Run[]): void {
  for (const run of [...runs]) {
    const rule = ruleOf(evaluation, run);
    if (occurrence.kind === 'event') noteGone(run, occurrence.event);
    const node = rule.steps[run.node]!;
    if (run.held || node.kind !== 'wait for' || woken.has(run)) continue;
    if (isAnyOf(node.occasions, occurrence, contextOf(evaluation, run, occurrence.event, occurrence.time), run)) {
      woken.add(run);
      wakeRun(evaluation, rule, run, occurrence);
    }
  }
}

/** Waits for engagement with a message that was suppressed or has failed are over. */
function giveUpThose(evaluation: Evaluation, { kind, event, time }: Occurrence, woken: ReadonlySet<Run>): void {
  if (kind !== 'event' || !isGone(event)) return;
  for (const run of [...evaluation.state.runs])
    if (!woken.has(run)) giveUpWait(evaluation, ruleOf(evaluation, run), run, time);
}

/** @param starts in the order of their rules. Returns whether the state had a say in it. */
function startRuns(evaluation: Evaluation, starts: readonly StartOccasion[]): boolean {
  let judged = false;
  for (let first = 0, next = 0; first < starts.length; first = next) {
    const { rule } = starts[first]!;
    let done = false;
    for (next = first; next < starts.length && starts[next]!.rule === rule; next++) {
      const start = starts[next]!;
      if (done) continue;
      if (!start.occasion.whereIsFinal || start.occurrence.kind !== 'event') judged = true;
      done = startRun(evaluation, start);
    }
    if (done) judged = true;
    else if (evaluation.options.explain) traceNoStart(evaluation, starts[first]!);
  }
  return judged;
}

/** Returns whether it is one: its `where` holds and its key is known. */
function startRun(evaluation: Evaluation, { rule, occasion, occurrence }: StartOccasion): boolean {
  askAbout(evaluation, occurrence);
  if (occasion.where !== null && !occasion.where(evaluation.context)) return false;
  const key = keyOf(evaluation, occasion);
  if (key === undefined) return false;
  const { time, event, hops } = occurrence;
  considerStart(evaluation, {
    rule,
    key,
    time,
    lateness: evaluation.clock - time,
    snapshot: event,
    event: occurrence.kind === 'event' ? occurrence.id : null,
    hops,
  });
  return true;
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

function traceNoStart(evaluation: Evaluation, { rule, occasion, occurrence }: StartOccasion): void {
  askAbout(evaluation, occurrence);
  const { context } = evaluation;
  const refused = occasion.where !== null && !occasion.where(context);
  const missing = occasion.key.find(({ read }) => keyTextOf(read(context)) === undefined);
  evaluation.effects.traces.push({
    kind: 'not_started',
    rule: rule.name,
    key: null,
    at: Math.max(occurrence.time, evaluation.clock),
    event: occurrence.id,
    reason: refused ? 'where_false' : 'key_missing',
    detail: refused ? whyNot(occasion, evaluation) : `${missing?.text ?? 'the key'} is missing`,
  });
}

function whyNot({ condition }: CompiledStart, { context, rulesets }: Evaluation): string {
  if (condition === null) return 'it is about another template, or a machine did it';
  return explainCondition(condition, context, rulesets.current.definitions);
}

/** Before a run is in sight: `start` is what happens itself. */
function askAbout(evaluation: Evaluation, { event, time }: Occurrence): void {
  contextWithoutRun(evaluation, event, event, time);
}
