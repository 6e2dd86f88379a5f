import type { Rulesets, StateVersion } from '#core';
import type { Clock } from '../ports/clock.js';
import type { EventHistory } from '../ports/event-history.js';
import type { EventStream } from '../ports/event-stream.js';
import type { EngineObserver, Log } from '../ports/observer.js';
import type { PartitionStore } from '../ports/partition-store.js';

import type { JobPace } from './job-pace.js';

export interface PartitionOwnerDependencies {
  readonly store: PartitionStore;
  readonly stream: EventStream;
  /** Where parked records are published beside the table; null: nowhere. */
  readonly deadLetters: EventStream | null;
  /** What new counters are filled from; null: none is kept, and they begin empty. */
  readonly history: EventHistory | null;
  /** Published last when this process began: for partitions that have run none yet. */
  readonly rulesets: Rulesets;
  /** Throws RangeError where this number was never published. */
  readonly rulesetsAt: (number: number) => Promise<Rulesets>;
  readonly clock: Clock;
  readonly observer: EngineObserver;
  readonly log: Log;
  /** A batch was committed: the partition goes on. */
  readonly onCommitted?: () => void;
  /** Names this process in `stream_partition.owner`. */
  readonly owner: string;
  readonly partitions: number;
  readonly cacheBytes: number;
  /** In which states are written, as long as processes of the version before may be at work; its own. */
  readonly stateVersion?: StateVersion;
  /** How jobs are done; default `JOB_PACE`. */
  readonly jobPace?: JobPace;
}
