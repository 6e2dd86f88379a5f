import { occurrenceOf, type Run } from '../customer/customer-state.js';
import { disarmTimer } from './arm-timer.js';
import { END } from './compiled-rule.js';
import type { RunOutcome } from './effects.js';
import type { Evaluation } from './evaluation.js';

/** Ends an active run, once. Messages that may not have left stay within reach of `stop` and `goal`. */
export function endRun(evaluation: Evaluation, run: Run, outcome: RunOutcome, by: string | null, time: number): void {
  const { state, effects } = evaluation;
  state.runs.splice(state.runs.indexOf(run), 1);
  const { rule, key } = run;
  effects.traces.push({
    kind: 'ended',
    rule,
    key,
    occurrence: occurrenceOf(run),
    at: Math.max(time, evaluation.clock),
    outcome,
    by,
  });
  disarmTimer(run);
  run.node = END;
  run.held = false;
  run.until = null;
  if (run.messages.length > 0) state.ended.push(run);
}

/** Takes back what has not left yet of a run. */
export function withdrawMessages(evaluation: Evaluation, run: Run, reason: 'run_stopped' | 'goal_reached'): void {
  for (const { id } of run.messages) evaluation.effects.cancelled.push({ messageId: id, reason, at: evaluation.clock });
  run.messages = [];
}
