import type { Run } from '../customer/customer-state.js';
import { armTimer } from './arm-timer.js';
import type { CompiledRule, StepNode } from './compiled-rule.js';
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
// eslint-disable-next-line max-params -- where, when, and until when
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
  armUntil(evaluation, run, reachedAt, moment, reachedAt);
}

/**
 * Lets all waits for a moment move with what it is read from, as it is at `time` (ms). One that moves into the past is
 * over at `time`, when it became known, not at the moment itself: nothing was late, so what follows is not either.
 * @returns whether a wait has moved
 */
export function moveWaits(evaluation: Evaluation, time: number): boolean {
  let moved = false;
  for (const run of evaluation.state.runs) if (moveWait(evaluation, ruleOf(evaluation, run), run, time)) moved = true;
  return moved;
}

export function moveWait(evaluation: Evaluation, rule: CompiledRule, run: Run, time: number): boolean {
  if (run.until === null) return false;
  const { reachedAt } = run.until;
  const moment = momentOf(rule.steps[run.node]!)!(
    contextOf(evaluation, run, null, Math.max(time, evaluation.clock)),
    reachedAt,
  );
  if (moment === run.until.moment) return false;
  run.until = { reachedAt, moment };
  armUntil(evaluation, run, reachedAt, moment, time);
  return true;
}

// eslint-disable-next-line max-params -- where, when, and until when
function armUntil(evaluation: Evaluation, run: Run, reachedAt: number, moment: number | null, time: number): void {
  const due = Math.max(moment ?? time, time, reachedAt);
  armTimer(run, due, due - reachedAt, evaluation);
}
