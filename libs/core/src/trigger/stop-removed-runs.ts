import { endRun, withdrawMessages } from './end-run.js';
import type { Evaluation } from './evaluation.js';

/**
 * Ends the runs of rules that were removed with `--removed stop`, whenever their customer is met next: nobody goes
 * through all customers for it. Delivery holds back their messages meanwhile. Returns whether there were any.
 */
export function stopRemovedRuns(evaluation: Evaluation, time: number): boolean {
  const { stopped } = evaluation.rulesets.current;
  const { runs, ended } = evaluation.state;
  if (stopped.size === 0 || (runs.length === 0 && ended.length === 0)) return false;
  let any = false;
  for (const run of [...runs]) {
    if (!stopped.has(run.rule)) continue;
    withdrawMessages(evaluation, run, 'run_stopped');
    endRun(evaluation, run, 'stopped', null, time);
    any = true;
  }
  for (const run of [...ended]) {
    if (!stopped.has(run.rule)) continue;
    withdrawMessages(evaluation, run, 'run_stopped');
    ended.splice(ended.indexOf(run), 1);
    any = true;
  }
  return any;
}
