import type { Run } from '../customer/customer-state.js';
import { armTimer } from './arm-timer.js';
import type { StepNode } from './compiled-rule.js';
import type { ReadDatedMoment } from './conditions/compile-moment.js';
import { contextOf, ruleOf, type Evaluation } from './evaluation.js';

/** The moment that a step waits for; null where it waits for none. */
export function momentOf(node: StepNode): ReadDatedMoment | null {
  if (node.kind === 'wait until') return node.moment;
  return node.kind === 'wait for' && node.end.kind === 'until' ? node.end.moment : null;
}

/**
 * Lets a run wait at a step that was reached at `reachedAt` (ms) until a moment; one that is past or unknown is over at
 * once. The grace is a tenth of the wait from when the step was reached.
 */

export function standUntil(
  evaluation: Evaluation,
  run: Run,
  index: number,
  reachedAt: number,
  moment: number | null,
): void {
  run.node = index;
  run.held = false;
  run.until = { reachedAt, moment };
  const due = Math.max(moment ?? reachedAt, reachedAt);
  armTimer(run, due, due - reachedAt, evaluation);
}

/**
 * Lets all waits for a moment move with what it is read from, the customer's zone among it. One that moves into the past
 * is overdue: it acts at once, as of the moment, though never of one before the step was reached, and `then` follows.
 * A value that vanishes leaves the wait as it is: there is no other moment to move to.
 * @returns whether a wait has moved
 */
export function moveWaits(evaluation: Evaluation, time: number): boolean {
  let moved = false;
  for (const run of evaluation.state.runs) if (run.until !== null && moveWait(evaluation, run, time)) moved = true;
  return moved;
}

function moveWait(evaluation: Evaluation, run: Run, time: number): boolean {
  const { reachedAt, moment: known } = run.until!;
  const read = momentOf(ruleOf(evaluation, run).steps[run.node]!)!;
  const moment = read(contextOf(evaluation, run, null, time), reachedAt);
  if (moment === null || moment === known) return false;
  standUntil(evaluation, run, run.node, reachedAt, moment);
  return true;
}
