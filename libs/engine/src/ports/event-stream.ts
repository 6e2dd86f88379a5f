/**
 * The event stream: partitions, each a log with gap-free meaning of "next". Adapters: Kafka and the embedded log
 * (libs/streams), one contract suite. Offsets are numbers: 2^53 records of a partition are out of reach.
 */
export interface StreamRecord {
  readonly offset: number;
  /** ms since 1970 UTC, given by the log and already passed through the clock port. */
  readonly appendTime: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: StreamHeaders | null;
}

export type StreamHeaders = { readonly [name: string]: string };

/** Records of one partition in offset order; may be empty where only transaction markers were stepped over. */
export interface StreamBatch {
  readonly records: readonly StreamRecord[];
  /** Where the next batch begins: never simply last offset + 1, since logs have gaps. */
  readonly nextOffset: number;
}

export interface AppendRequest {
  /** Either the key decides the partition (murmur2 mod N), or it is given. */
  readonly key: string | null;
  readonly partition?: number;
  readonly value: Uint8Array | null;
  readonly headers?: StreamHeaders;
}

/** Where a record was written. */
export interface AppendedAt {
  readonly partition: number;
  readonly offset: number;
}

/**
 * The feed of one owned partition for one assignment ("join"). Reading begins after `seek`. Feeds of a lost assignment
 * are closed: `current` is false, `poll` returns null, and a `seek` that is still under way ends without effect.
 */
export interface PartitionFeed {
  readonly partition: number;
  /** Number of the join that gave this partition; a later assignment has a larger one. */
  readonly join: number;
  /** False as soon as a later rebalance, a revocation or the end of the session was noticed. */
  readonly current: boolean;
  /** Host's clock (ms) at the latest proof that the group still counts this process in: the join itself or a heartbeat. */
  readonly confirmedAt: number;
  /**
   * Begin (again) at this offset, also one that was passed before. Throws `LogTruncatedError` where the log begins after
   * it or ends before it, `StreamLayoutError`, and `StoreError` when the log could not be asked.
   */
  seek(offset: number): Promise<void>;
  /** A batch that is there already, without waiting. Throws `LogTruncatedError` once it has come to where records were lost. */
  poll(): StreamBatch | null;
  /** Called whenever there may be something (more) to poll, and when the feed failed or closed. Replaces an earlier callback. */
  onAvailable(wake: () => void): void;
  /** Bytes waiting in this process, for metrics and back-pressure tests. */
  readonly queuedBytes: number;
  /** Records known to lie behind what was polled, for metrics only; null when unknown. */
  readonly lag: number | null;
  /** Offset behind the last record of the log, as far as it is known; null when unknown. */
  readonly logEnd: number | null;
}

export interface OwnershipListener {
  /** A partition was given to this process. Must return at once; the work goes on in its own time. */
  assigned(feed: PartitionFeed): void;
  /** The partition of this feed belongs to somebody else, or to nobody, from now on. */
  revoked(feed: PartitionFeed): void;
}

export interface StreamMembership {
  /** Leaves the group and closes all feeds. */
  leave(): Promise<void>;
}

export interface EventStream {
  /** Name of the stream or topic: `kairos.events`. */
  readonly name: string;
  /** Number of partitions; throws `StreamLayoutError` where the log differs from what Kairos was set up with. */
  partitionCount(): Promise<number>;
  /**
   * Durable when it resolves (acks=all, or committed). Order within one call and partition is kept. Without key and
   * partition the records are spread. Throws `StoreError`; where it is retryable some may have been written all the same.
   */
  append(requests: readonly AppendRequest[]): Promise<readonly AppendedAt[]>;
  /** Joins the group of owners: from now on partitions come and go through the listener. */
  own(listener: OwnershipListener): Promise<StreamMembership>;
  close(): Promise<void>;
}

/** Headers that Kairos gives meaning to (interfaces.md, Topics). */
export const HEADER_KIND = 'kairos-kind';
export const HEADER_HISTORICAL = 'kairos-historical';
