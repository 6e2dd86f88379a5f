import { occurrenceOf, type Run } from '../customer/customer-state.js';
import { armTimer } from './arm-timer.js';
import { END, type CompiledRule } from './compiled-rule.js';
import { endRun } from './end-run.js';
import { contextOf, type Evaluation } from './evaluation.js';
import { planMessage } from './plan-message.js';

/**
 * Goes on from a step that was reached at `time` (event time, ms) until the run waits or ends. Steps that are overdue
 * act at this very instant in their order; one that is ahead of the stream's clock waits for it.
 */
export function runSteps(evaluation: Evaluation, rule: CompiledRule, run: Run, from: number, time: number): void {
  for (let index = from; ;) {
    if (index === END) return endRun(evaluation, run, 'finished', null, time);
    const node = rule.steps[index]!;
    evaluation.options.onStep?.(rule.name, node.path);
    if (node.kind === 'wait') return standAt(evaluation, run, index, time, node.durationMs);
    if (time > evaluation.clock) return hold(evaluation, run, index, time);
    switch (node.kind) {
      case 'wait for':
        return standAt(evaluation, run, index, time, node.durationMs);
      case 'if': {
        const branch = node.test(contextOf(evaluation, run, null, time)) ? 'then' : 'else';
        traceBranch(evaluation, run, node.path, branch, time);
        index = node[branch];
        break;
      }
      case 'send':
        planMessage(evaluation, rule, run, node, time);
        index = node.next;
        break;
      case 'stop':
        return endRun(evaluation, run, 'stopped', null, time);
    }
  }
}

/** The timer of a run has fired: what it waited for is over, as of its due time. */
export function resumeRun(evaluation: Evaluation, rule: CompiledRule, run: Run): void {
  const { due } = run;
  const node = rule.steps[run.node]!;
  if (run.held) return runSteps(evaluation, rule, run, run.node, due);
  switch (node.kind) {
    case 'wait':
      return runSteps(evaluation, rule, run, node.next, due);
    case 'wait for':
      traceBranch(evaluation, run, node.path, 'on timeout', due);
      return runSteps(evaluation, rule, run, node.onTimeout, due);
    default:
      throw new Error(`a run of ${run.rule} cannot wait at step ${node.path}`);
  }
}

/** A wait has ended by an event at `time`. */
export function wakeRun(evaluation: Evaluation, rule: CompiledRule, run: Run, time: number): void {
  const node = rule.steps[run.node]!;
  if (node.kind !== 'wait for') throw new Error(`a run of ${run.rule} does not listen at step ${node.path}`);
  traceBranch(evaluation, run, node.path, 'then', time);
  runSteps(evaluation, rule, run, node.then, time);
}

/** The wait the run is in begins again at `time`; a step ahead of the clock is no wait: it stays where it is. */
export function restartWait(evaluation: Evaluation, rule: CompiledRule, run: Run, time: number): void {
  const node = rule.steps[run.node]!;
  if (run.held) return;
  if (node.kind === 'wait' || node.kind === 'wait for') standAt(evaluation, run, run.node, time, node.durationMs);
}

function standAt(evaluation: Evaluation, run: Run, index: number, time: number, waitMs: number): void {
  run.node = index;
  run.held = false;
  armTimer(run, time + waitMs, waitMs, evaluation);
}

function hold(evaluation: Evaluation, run: Run, index: number, time: number): void {
  run.node = index;
  run.held = true;
  armTimer(run, time, 0, evaluation);
}

function traceBranch(evaluation: Evaluation, run: Run, step: string, branch: string, time: number): void {
  const { rule, key } = run;
  evaluation.effects.traces.push({
    kind: 'branch',
    rule,
    key,
    occurrence: occurrenceOf(run),
    at: Math.max(time, evaluation.clock),
    step,
    branch,
  });
}
