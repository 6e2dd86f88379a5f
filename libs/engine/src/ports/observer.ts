/** What the engine tells metrics and logs; an adapter turns it into Prometheus series (interfaces.md, Metrics). */
export interface EngineObserver {
  /** Records stepped over by one commit, and how long its phases took, ms. */
  batchCommitted(
    partition: number,
    records: number,
    phases: { readonly load: number; readonly evaluate: number; readonly commit: number },
  ): void;
  /** Partition's log time against the host's clock, ms, and records still behind, after a commit. */
  progress(partition: number, delayMs: number, lag: number | null): void;
  cacheLookups(hits: number, misses: number): void;
  timersPending(count: number): void;
  timersFired(count: number): void;
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
