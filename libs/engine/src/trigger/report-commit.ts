import type { EngineObserver } from '../ports/observer.js';
import type { PartitionCommit } from '../ports/partition-store.js';
import type { BatchEvaluation } from './evaluate-batch.js';

/** Where the time of a commit went, ms. */
interface Phases {
  readonly load: number;
  readonly evaluate: number;
  readonly commit: number;
}

export interface Evaluated {
  readonly evaluation: BatchEvaluation;
  readonly phases: Omit<Phases, 'commit'>;
}

/** Says to the metrics what a commit that stands has done. */
export function reportCommit(
  observer: EngineObserver,
  partition: number,
  done: {
    readonly evaluation: BatchEvaluation;
    readonly deadLetters: PartitionCommit['deadLetters'];
    readonly records: number;
    readonly phases: Phases;
    /** How far the stream is behind, ms and records. */
    readonly delayMs: number;
    readonly lag: number | null;
  },
): void {
  const { evaluation, deadLetters, records, phases, delayMs, lag } = done;
  observer.batchCommitted(partition, records, phases);
  observer.progress(partition, delayMs, lag);
  observer.timersFired(evaluation.timersFired);
  for (const [rule, count] of evaluation.started) observer.runsStarted(rule, count);
  for (const client of evaluation.forwardedFrom) observer.forwarded(client);
  for (const letter of deadLetters) observer.deadLettered(letter.reason);
}
