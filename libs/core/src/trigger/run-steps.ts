import type { Run } from '../customer/customer-state.js';
import { StoredEvent } from '../customer/stored-event.js';
import { actStep } from './act-step.js';
import { armTimer } from './arm-timer.js';
import { END, type CompiledRule, type RepeatNode, type StepNode, type WaitEnd } from './compiled-rule.js';
import type { ReadDuration } from './conditions/compile-duration.js';
import { endRun } from './end-run.js';
import { contextOf, type Evaluation } from './evaluation.js';
import { isInVain } from './latest-messages.js';
import type { Occurrence } from './occurrence.js';
import { planMessage, planWebhook } from './plan-message.js';
import { traceBranch, traceChoice, tracePast } from './trace-run.js';
import { momentOf, standUntil } from './wait-until.js';

/**
 * Goes on from a step that was reached at `time` (event time, ms) until the run waits or ends. Steps that are overdue
 * act at this very instant in their order; one that is ahead of the stream's clock waits for it.
 */
export function runSteps(evaluation: Evaluation, rule: CompiledRule, run: Run, from: number, time: number): void {
  run.until = null;
  for (let index = from; ;) {
    if (index === END) return endRun(evaluation, run, 'finished', null, time);
    const node = rule.steps[index]!;
    evaluation.options.onStep?.(rule.name, node.path);
    if (node.kind === 'wait') return standAt(evaluation, run, index, time, node.duration);
    if (time > evaluation.clock) return hold(evaluation, run, index, time);
    if (node.kind === 'stop') return endRun(evaluation, run, 'stopped', null, time);
    if (node.kind === 'wait for' && !isInVain(run, node.engagement))
      return listen(evaluation, run, index, time, node.end);
    if (node.kind === 'wait until') {
      const moment = node.moment(contextOf(evaluation, run, null, time), time);
      if (moment !== null && moment >= time) return standUntil(evaluation, run, index, time, moment);
    }
    index = doStep(evaluation, rule, run, node, time);
  }
}

/** Does a step that takes no time; returns the index of the one that follows. */
function doStep(
  evaluation: Evaluation,
  rule: CompiledRule,
  run: Run,
  node: Exclude<StepNode, { kind: 'wait' | 'stop' }>,
  time: number,
): number {
  switch (node.kind) {
    case 'wait for':
      traceBranch(evaluation, run, node.path, 'on timeout', time);
      return node.onTimeout;
    case 'wait until':
      tracePast(evaluation, run, node.path, time, node.moment(contextOf(evaluation, run, null, time), time));
      return node.onPast;
    case 'if': {
      const branch = node.test(contextOf(evaluation, run, null, time)) ? 'then' : 'else';
      traceChoice(evaluation, run, node.path, branch, node.condition, time);
      return node[branch];
    }
    case 'split': {
      const drawn = run.draws[node.draw]!;
      traceBranch(evaluation, run, node.path, node.names[drawn]!, time);
      return node.branches[drawn]!;
    }
    case 'repeat':
      return nextRound(evaluation, run, node, time);
    case 'send':
      planMessage(evaluation, rule, run, node, time);
      return node.next;
    case 'webhook':
      planWebhook(evaluation, rule, run, node, time);
      return node.next;
    default:
      actStep(evaluation, run, node, time);
      return node.next;
  }
}

/** Begins the next round, or goes on behind the last. `while` sees the count of the round it is asked for. */
function nextRound(evaluation: Evaluation, run: Run, node: RepeatNode, time: number): number {
  const round = (run.rounds[node.depth] ?? 0) + 1;
  run.rounds = [...run.rounds.slice(0, node.depth), round];
  if (round <= node.atMost && (node.while === null || node.while(contextOf(evaluation, run, null, time))))
    return node.body;
  run.rounds = run.rounds.slice(0, node.depth);
  return node.next;
}

/** The timer of a run has fired: what it waited for is over, as of its due time. */
export function resumeRun(evaluation: Evaluation, rule: CompiledRule, run: Run): void {
  const { due } = run;
  const node = rule.steps[run.node]!;
  if (run.held) return runSteps(evaluation, rule, run, run.node, due);
  switch (node.kind) {
    case 'wait':
      return runSteps(evaluation, rule, run, node.next, due);
    case 'wait until':
      traceBranch(evaluation, run, node.path, 'then', due);
      return runSteps(evaluation, rule, run, node.then, due);
    case 'wait for':
      traceBranch(evaluation, run, node.path, 'on timeout', due);
      return runSteps(evaluation, rule, run, node.onTimeout, due);
    default:
      throw new Error(`a run of ${run.rule} cannot wait at step ${node.path}`);
  }
}

/** A wait has ended by what happens. */
export function wakeRun(evaluation: Evaluation, rule: CompiledRule, run: Run, occurrence: Occurrence): void {
  const node = rule.steps[run.node]!;
  if (node.kind !== 'wait for') throw new Error(`a run of ${run.rule} does not listen at step ${node.path}`);
  if (node.as !== null) run.named = new Map(run.named).set(node.as, StoredEvent.of(occurrence.event));
  run.hops = Math.max(run.hops, occurrence.hops);
  traceBranch(evaluation, run, node.path, 'then', occurrence.time);
  runSteps(evaluation, rule, run, node.then, occurrence.time);
}

/** The run waits for engagement with messages that nobody will ever open: its time is up at once. */
export function giveUpWait(evaluation: Evaluation, rule: CompiledRule, run: Run, time: number): void {
  const node = rule.steps[run.node]!;
  if (run.held || node.kind !== 'wait for' || !isInVain(run, node.engagement)) return;
  traceBranch(evaluation, run, node.path, 'on timeout', time);
  runSteps(evaluation, rule, run, node.onTimeout, time);
}

/** The wait the run is in begins again at `time`; a step ahead of the clock is no wait: it stays where it is. */
export function restartWait(evaluation: Evaluation, rule: CompiledRule, run: Run, time: number): void {
  const node = rule.steps[run.node]!;
  if (run.held) return;
  // A wait for a moment is reached anew: that moment may be past for it.
  if (momentOf(node) !== null) return runSteps(evaluation, rule, run, run.node, time);
  if (node.kind === 'wait') standAt(evaluation, run, run.node, time, node.duration);
  if (node.kind === 'wait for') listen(evaluation, run, run.node, time, node.end);
}

function listen(evaluation: Evaluation, run: Run, index: number, time: number, end: WaitEnd): void {
  if (end.kind === 'after') return standAt(evaluation, run, index, time, end.duration);
  standUntil(evaluation, run, index, time, end.moment(contextOf(evaluation, run, null, time), time));
}

/** A run whose wait has no length that anybody knows ends there (rule-language.md, Moments and durations). */

function standAt(evaluation: Evaluation, run: Run, index: number, time: number, duration: ReadDuration): void {
  const waitMs = duration(contextOf(evaluation, run, null, time));
  if (waitMs === null) return endRun(evaluation, run, 'finished', 'duration_unknown', time);
  run.node = index;
  run.held = false;
  armTimer(run, time + waitMs, waitMs, evaluation);
}

function hold(evaluation: Evaluation, run: Run, index: number, time: number): void {
  run.node = index;
  run.held = true;
  armTimer(run, time, null, evaluation);
}
