/** The customer of events about things, which are nobody's: the nil UUID, behind which the ids of customers begin. */
export const NOBODYS_ID = '00000000-0000-0000-0000-000000000000';

/** One event of a customer, or one about a thing, as it stood in the stream. Times are ms since 1970 UTC. */
export interface HistoryRow {
  readonly offset: number;
  /** When it reached the stream first, also where it was forwarded since. */
  readonly appendTime: number;
  readonly eventTime: number;
  /** UUID text of the customer; `NOBODYS_ID` of an event about a thing. */
  readonly customerId: string;
  /** Empty of an event about a thing. */
  readonly customer: string;
  readonly type: string;
  readonly name: string | null;
  /** Imported: it filled profiles and counters and started nothing. */
  readonly historical: boolean;
  /** The record's value, to the byte. */
  readonly value: Uint8Array;
}

/** A customer who was erased, as a record of the stream says. */
export interface ErasedInHistory {
  /** UUID text. */
  readonly customerId: string;
  /** When it was asked for, ms: a copy of the record says the same. */
  readonly at: number;
  /** What came or happened until then is not kept, ms. */
  readonly until: number;
}

export interface HistoryQuery {
  /** Canonical id: her events; null: those of all. */
  readonly customer: string | null;
  /** Also events about things, of which a customer's list may hold some. */
  readonly things: boolean;
  /** ms of the stream's clock, included; null: open. */
  readonly from: number | null;
  readonly to: number | null;
}

/** A recorded event with its place: as simulation reads a line. */
export interface RecordedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly appendTime: number;
  readonly historical: boolean;
  readonly value: Uint8Array;
}

/**
 * What the stream said, kept for the timeline, for simulation on real traffic and for filling counters. Written beside
 * the engine at its own pace, never by the hot path. Throws `StoreError`.
 */
export interface EventHistory {
  /** Offset from which a partition is still to be recorded. */
  position(partition: number): Promise<number>;
  /**
   * Rows and the new position in one transaction; writing what is there already changes nothing, so two recorders of
   * one partition do no harm. What the erased had sent until then goes, and rows of theirs that are older are not written;
   * `erased` is in the order of the stream, and rows stand behind all of it.
   */
  append(
    partition: number,
    rows: readonly HistoryRow[],
    nextOffset: number,
    erased?: readonly ErasedInHistory[],
  ): Promise<void>;
  /** Customers behind `after` who have events in this partition, in the order of their ids (UUID texts). */
  customersAfter(
    partition: number,
    after: string,
    limit: number,
  ): Promise<readonly { readonly customerId: string; readonly customer: string }[]>;
  /**
   * All events before this offset, of the customers from `first` to `last` (both included), customer by customer in the
   * order of their ids, each one's in that of the stream.
   */
  eventsOf(
    partition: number,
    customers: { readonly first: string; readonly last: string },
    before: number,
  ): AsyncIterable<HistoryRow>;
  /** Days (since 1970 UTC) before this one are dropped; returns how many were. */
  dropBefore(day: number): Promise<number>;
  /** In the order of the stream's clock, then partition and offset. */
  read(query: HistoryQuery): AsyncIterable<RecordedEvent>;
}
