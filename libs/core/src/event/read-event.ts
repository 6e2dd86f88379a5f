import type { CustomerEvent } from './event.js';

/** What a record's place in the stream adds to what it says. */
export interface RecordPosition {
  /** Append time of the record, ms: what a missing timestamp becomes, and one more than 5 minutes ahead of it. */
  readonly append: number;
  /** Id of an event without messageId: `topic/partition/offset`. */
  readonly fallbackId: string;
  readonly historical: boolean;
}

export interface EventProblem {
  readonly field: string;
  readonly reason: string;
}

export type ReadEvent = { readonly ok: true; readonly event: CustomerEvent } | ({ readonly ok: false } & EventProblem);

/** An event from a stored record in Segment's shape; what cannot be read is refused with the field and a reason. */
export function readEvent(json: unknown, position: RecordPosition): ReadEvent {
  throw new Error(`not yet: ${String(json)} ${position.append}`);
}
