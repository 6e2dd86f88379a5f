import type { Rulesets } from '#core';
import type { Log } from '../ports/observer.js';
import type { PartitionPosition, PartitionStore } from '../ports/partition-store.js';
import type { BatchEvaluation } from './evaluate-batch.js';
import type { JobPace } from './job-pace.js';

/** What the owner of the partition does for its jobs, always behind its fence. */
export interface JobHost {
  readonly partition: number;
  readonly store: PartitionStore;
  readonly log: Log;
  readonly pace: JobPace;
  readonly position: () => PartitionPosition;
  readonly rulesetsAt: (number: number) => Promise<Rulesets>;
  /** Loads these customers, has them evaluated and commits; false: the partition is lost. */
  readonly commit: (
    customerIds: readonly string[],
    evaluate: (evaluation: BatchEvaluation) => void,
  ) => Promise<boolean>;
}
