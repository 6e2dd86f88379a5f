import type { EngineObserver, Log, PartitionProgress } from '../ports/observer.js';
import type { PartitionCommit } from '../ports/partition-store.js';
import type { BatchEvaluation } from './evaluate-batch.js';
import type { Suspension } from './suspended-records.js';

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
    readonly progress: PartitionProgress;
  },
): void {
  const { evaluation, deadLetters, records, phases, progress } = done;
  observer.batchCommitted(partition, records, phases);
  observer.progress(partition, progress);
  observer.timersFired({
    ...evaluation.timerCounts,
    cancelled: evaluation.cancelledWaits,
    suspended: evaluation.suspensions.length,
  });
  for (const [rule, count] of evaluation.started) observer.runsStarted(rule, count);
  for (const client of evaluation.forwardedFrom) observer.forwarded(client);
  for (const letter of deadLetters) observer.deadLettered(letter.reason);
  for (const { rule } of evaluation.suspensions) observer.suspended(rule);
}

/** One line a rule and fault, however many customers it met. */
export function sayWhatIsSuspended(log: Log, partition: number, suspensions: readonly Suspension[]): void {
  const lines = new Map<string, { readonly suspension: Suspension; customers: number }>();
  for (const suspension of suspensions) {
    const { rule, fault } = suspension;
    const line = lines.get(`${rule} ${fault}`) ?? { suspension, customers: 0 };
    line.customers++;
    lines.set(`${rule} ${fault}`, line);
  }
  for (const { suspension, customers } of lines.values()) {
    const { rule, offset, fault } = suspension;
    const message =
      rule === null
        ? 'what time brings about could not be evaluated for some customers, who are held: kairos dead-letters --reason suspended'
        : 'a rule could not go on for some customers and is suspended for them: kairos dead-letters --reason suspended';
    log.error(message, { partition, ...(rule === null ? {} : { rule }), customers, offset, fault });
  }
}
