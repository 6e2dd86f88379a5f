import { occurrenceOf, type Run } from '../customer/customer-state.js';
import type { TraceEntry } from './effects.js';
import type { Condition } from '../rules/model.js';
import { formatInstant } from '../event/instant.js';
import { contextOf, type Evaluation } from './evaluation.js';
import { explainCondition } from './explain-condition.js';

type About = Pick<Extract<TraceEntry, { kind: 'branch' }>, 'rule' | 'key' | 'occurrence' | 'at'>;

/** What every line of a trace says of its run; `at` is the place on the stream's clock. */
export function aboutRun(evaluation: Evaluation, run: Run, time: number): About {
  const { rule, key } = run;
  return { rule, key, occurrence: occurrenceOf(run), at: Math.max(time, evaluation.clock) };
}

export function traceBranch(evaluation: Evaluation, run: Run, step: string, branch: string, time: number): void {
  evaluation.effects.traces.push({ kind: 'branch', ...aboutRun(evaluation, run, time), step, branch });
}

/** A moment that is not waited for: which it was, for those who want to know. */
export function tracePast(evaluation: Evaluation, run: Run, step: string, time: number, moment: number | null): void {
  if (evaluation.options.explain !== true) return traceBranch(evaluation, run, step, 'on past', time);
  const detail = moment === null ? 'there is no such date' : `${formatInstant(moment)} was past already`;
  const branch = 'on past';
  evaluation.effects.traces.push({ kind: 'branch', ...aboutRun(evaluation, run, time), step, branch, detail });
}

/** A branch that a condition chose; judged once more for those who want to know why. */
// eslint-disable-next-line max-params -- the branch, and what it was chosen by
export function traceChoice(
  evaluation: Evaluation,
  run: Run,
  step: string,
  branch: string,
  condition: Condition,
  time: number,
): void {
  if (evaluation.options.explain !== true) return traceBranch(evaluation, run, step, branch, time);
  const { definitions } = evaluation.rulesets.current;
  const detail = explainCondition(condition, contextOf(evaluation, run, null, time), definitions);
  evaluation.effects.traces.push({ kind: 'branch', ...aboutRun(evaluation, run, time), step, branch, detail });
}
