/** What the sides without engine read. */
export interface ConsumeJob {
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  /** Ends after so many. */
  readonly events: number;
}

/** What they read: up to which offset of each partition, and how many events of each name. */
export interface Read {
  readonly next: readonly number[];
  readonly kinds: { readonly [event: string]: number };
}

/**
 * kafkajs' own bounds, as everybody uses them. Fetches of 2 MB, as Kairos makes, would do this loop good too
 * (bench/README.md has the figure).
 */
export const FETCH = {
  maxWaitTimeInMs: 100,
  minBytes: 1,
  maxBytesPerPartition: 1024 * 1024,
  maxBytes: 10 * 1024 * 1024,
};
