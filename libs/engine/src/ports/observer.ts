/** How far a partition is: `standing` it waits to be taken over again after a failure. */
export type PartitionState = 'starting' | 'catching up' | 'ready' | 'standing';

export interface PartitionProgress {
  /** Its log time against the host's clock, ms. On an idle shop it grows and means nothing. */
  readonly delayMs: number;
  /** Records that are not applied yet; null: not known. */
  readonly lag: number | null;
  /** Event time of the event applied last against the host's clock, ms; 0 where nothing is left to apply; null: not known. */
  readonly eventLagMs: number | null;
}

/** What the engine tells metrics and logs; an adapter turns it into Prometheus series (interfaces.md, Metrics). */
export interface EngineObserver {
  /** Records stepped over by one commit, and how long its phases took, ms. */
  batchCommitted(
    partition: number,
    records: number,
    phases: { readonly load: number; readonly evaluate: number; readonly commit: number },
  ): void;
  /** Where a partition that is owned here stands, after a commit and every second. */
  progress(partition: number, progress: PartitionProgress): void;
  /** It is owned here no longer: what was said of it holds no more. */
  released(partition: number): void;
  /** How many partitions are owned here, by how far they are. */
  partitions(counts: { readonly [state in PartitionState]: number }): void;
  cacheLookups(hits: number, misses: number): void;
  timersPending(count: number): void;
  /** By what became of them: `late`, born late by an event that came late; `cancelled`, the run that waited has ended. */
  timersFired(counts: { readonly [result in 'fired' | 'late' | 'cancelled' | 'suspended']: number }): void;
  runsStarted(rule: string, count: number): void;
  deadLettered(reason: string): void;
  /** A rule could not go on for a customer; null: none could be blamed. */
  suspended(rule: string | null): void;
  forwarded(client: string): void;
  fenceLost(partition: number): void;
}

/** Structured log without personal data; `fields` are numbers, names and codes. */
export interface Log {
  info(message: string, fields?: { readonly [name: string]: unknown }): void;
  warn(message: string, fields?: { readonly [name: string]: unknown }): void;
  error(message: string, fields?: { readonly [name: string]: unknown }): void;
}
