import { occurrenceOf, type Run } from '../customer/customer-state.js';
import type { TraceEntry } from './effects.js';
import type { Evaluation } from './evaluation.js';

type About = Pick<Extract<TraceEntry, { kind: 'branch' }>, 'rule' | 'key' | 'occurrence' | 'at'>;

/** What every line of a trace says of its run; `at` is the place on the stream's clock. */
export function aboutRun(evaluation: Evaluation, run: Run, time: number): About {
  const { rule, key } = run;
  return { rule, key, occurrence: occurrenceOf(run), at: Math.max(time, evaluation.clock) };
}

export function traceBranch(evaluation: Evaluation, run: Run, step: string, branch: string, time: number): void {
  evaluation.effects.traces.push({ kind: 'branch', ...aboutRun(evaluation, run, time), step, branch });
}
