import type { Cancellation, ConsentChange, ItemEvent, PlannedMessage, TraceEntry, Withdrawal } from '#core';

/** Row of `stream_partition`: who may write (epoch), what was written (seq), and how far (engine.md, The fence). */
export interface PartitionPosition {
  readonly epoch: number;
  readonly seq: number;
  readonly nextOffset: number;
  /** Running maximum of append times, ms. */
  readonly logTime: number;
  /** Timers with fire_at below this have fired, ms. */
  readonly firedThrough: number;
  readonly ruleset: number;
}

export interface StateWrite {
  /** UUID text of the customer. */
  readonly customerId: string;
  /** ms; null: no timer. */
  readonly nextFire: number | null;
  /** null: the row is removed. */
  readonly state: Uint8Array | null;
}

export interface OutboxRecord {
  /** The messageId the receiver de-duplicates by. */
  readonly recordId: string;
  /** Key of the customer it goes to, or a partition. */
  readonly target: { readonly key: string } | { readonly partition: number };
  readonly value: Uint8Array;
  readonly headers: { readonly [name: string]: string };
  readonly hops: number;
}

export interface PendingOutboxRecord extends OutboxRecord {
  readonly seq: number;
  readonly n: number;
}

/** A record that could not be read or applied; kept in the database with the transaction that steps over it. */
export interface DeadLetter {
  readonly offset: number;
  /** Tells letters of one offset and reason apart; absent: 0, there is one. Safe integer. */
  readonly about?: number;
  /** Stable word: `unreadable`, `no_key`, `unknown_kind`, `too_large`, `loop`, `poison`, `suspended`. */
  readonly reason: string;
  readonly detail: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: { readonly [name: string]: string } | null;
  /** UUID texts of the customers who are held until it is settled; absent: nobody. */
  readonly holds?: readonly string[];
  /** false: it was applied to others, so the record must not come a second time. Absent: true. */
  readonly replayable?: boolean;
}

/** What a partition does to many of its customers, so many a commit, in the order of their ids. */
export type JobTask =
  /** An event about a thing reaches those whose lists hold it. */
  | { readonly kind: 'item'; readonly event: ItemEvent }
  /** A ruleset that took the place of `from` meets everybody, and what it counts anew is filled from the history. */
  | {
      readonly kind: 'ruleset';
      readonly from: number;
      /** It looks into lists that `from` did not: until it is done, not everybody is known who watches a thing. */
      readonly listsAnew: boolean;
    }
  | StartTask;

/**
 * Those already inside a start of a rule are started. First all of them are written down, as they are where the record
 * stands: who comes inside later is started by what brings her there. Then they are started at their pace.
 */
export interface StartTask {
  readonly kind: 'start';
  /** `StartRequest.id` */
  readonly request: string;
  readonly rule: string;
  /** Starts an hour of log time, of all partitions together. */
  readonly perHour: number;
  /** How many were counted beforehand, by partition: whose turn is when. */
  readonly counted: readonly number[];
  /** Log time of the first turn of all, ms; null: they are still being written down. */
  readonly since: number | null;
  readonly started: number;
}

/** Somebody asked to start those already inside a rule. */
export interface StartRequest {
  readonly id: string;
  readonly rule: string;
  readonly perHour: number;
  readonly counted: readonly number[];
}

/** Who is to be started by the job that this offset names. */
export interface ListedCustomer {
  readonly job: number;
  readonly customerId: string;
}

export interface PartitionJob {
  /** Of the record that opened it: names the job; jobs are done in this order. */
  readonly offset: number;
  /** When that record was applied, ms. */
  readonly logTime: number;
  /** UUID text: customers up to this one have had their turn; all zeros at the beginning. */
  readonly cursor: string;
  readonly task: JobTask;
}

/** A customer whose list holds a thing (`thingFingerprint`). */
export interface WatchEntry {
  readonly thing: number;
  readonly customerId: string;
}

/** Events about things that this partition has applied, so that a copy is a copy also after a take-over. */
export interface HeardItems {
  /** Of the events of this commit. */
  readonly ids: readonly string[];
  /** Log time, ms, before which what was heard is forgotten; null: nothing is. */
  readonly forgetBefore: number | null;
}

/** What delivery keeps of one customer id (messages, consents, slots) is another's from now on. UUID texts. */
export interface ContactMerge {
  readonly from: string;
  readonly to: string;
  /** Canonical id of `to`. */
  readonly customer: string;
  /** Event time of what joined the two, ms. */
  readonly time: number;
}

/** A customer who was erased where this commit stands: everything that was written of her by earlier ones goes. */
export interface ErasedCustomer {
  /** UUID text. */
  readonly customerId: string;
  readonly customer: string;
  /** What happened until then is not heard of again, ms. */
  readonly until: number;
}

/** Everything of one batch; written in one transaction whose first statement is the fence. */
export interface PartitionCommit {
  /** The position it was evaluated from: epoch and seq are compared. */
  readonly from: PartitionPosition;
  readonly nextOffset: number;
  readonly logTime: number;
  readonly firedThrough: number;
  /** Where it differs from `from.ruleset`, the activation (partition, ruleset, from.nextOffset) is recorded too. */
  readonly ruleset: number;
  readonly states: readonly StateWrite[];
  readonly planned: readonly { readonly customerId: string; readonly message: PlannedMessage }[];
  readonly cancelled: readonly Cancellation[];
  readonly consents: readonly { readonly customerId: string; readonly change: ConsentChange | Withdrawal }[];
  readonly traces: readonly { readonly customerId: string; readonly trace: TraceEntry }[];
  /** Absent: none. */
  readonly contactMerges?: readonly ContactMerge[];
  /** Absent: none. */
  readonly erased?: readonly ErasedCustomer[];
  readonly outbox: readonly OutboxRecord[];
  /** Outbox rows that the stream acknowledged meanwhile; deleted here. */
  readonly outboxSent: readonly { readonly seq: number; readonly n: number }[];
  readonly deadLetters: readonly DeadLetter[];
  readonly watch: { readonly added: readonly WatchEntry[]; readonly removed: readonly WatchEntry[] };
  readonly heard: HeardItems;
  readonly listed: { readonly added: readonly ListedCustomer[]; readonly removed: readonly ListedCustomer[] };
  /** Jobs that were opened or have moved, and the offsets of those that are done. */
  readonly jobs: { readonly open: readonly PartitionJob[]; readonly done: readonly number[] };
}

/** `lost`: another owner wrote; nothing of this batch stands and the partition must be given up. */
export type CommitOutcome =
  { readonly kind: 'committed'; readonly position: PartitionPosition } | { readonly kind: 'lost' };

/**
 * Rows of one stream's partitions. Times are ms since 1970 UTC. All methods throw `StoreError` with `retryable` when
 * the database could not be asked; a commit whose outcome is unknown is resolved inside (engine.md, The fence).
 */
export interface PartitionStore {
  /** Raises the epoch, alone in its transaction: waits for the row lock of a transaction still open. */
  takeOver(partition: number, owner: string): Promise<PartitionPosition>;
  loadTimers(partition: number, visit: (customerId: string, nextFire: number) => void): Promise<void>;
  /** Customers without a row are absent from the map. */
  loadStates(partition: number, customerIds: readonly string[]): Promise<Map<string, Uint8Array>>;
  commit(partition: number, commit: PartitionCommit): Promise<CommitOutcome>;
  /** Which of these have rows in the outbox: delivery writes there too (seq 0). One query for all. */
  partitionsWithOutbox(partitions: readonly number[]): Promise<readonly number[]>;
  /** Ids of events about things that were heard last and are not forgotten, at most `limit`, the oldest first. */
  heardItems(partition: number, limit: number): Promise<readonly string[]>;
  /** Jobs that are not done, in their order. */
  openJobs(partition: number): Promise<readonly PartitionJob[]>;
  /**
   * Customers behind `after` whose lists hold one of these things, at most `limit` of each thing, in the order of their
   * ids.
   */
  watchers(
    partition: number,
    things: readonly number[],
    after: string,
    limit: number,
  ): Promise<ReadonlyMap<number, readonly string[]>>;
  /** Customers behind `after` with a row, in the order of their ids. */
  customersAfter(partition: number, after: string, limit: number): Promise<readonly string[]>;
  /** Who is to be started by the job of this offset, in the order of their ids. */
  listed(partition: number, job: number, limit: number): Promise<readonly string[]>;
  /** null: nobody asked for it. */
  startRequest(id: string): Promise<StartRequest | null>;
  /** In (seq, n) order, from the beginning. */
  pendingOutbox(partition: number, limit: number): Promise<readonly PendingOutboxRecord[]>;
}
