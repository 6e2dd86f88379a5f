/** What computed attributes and segments remember of a customer. */
export interface ComputedState {
  /** What computed attributes keep, by the fingerprint of what is kept. */
  readonly kept: Map<number, Kept>;
  /** Whether the customer is in each segment that somebody listens to, by the fingerprint of its definition. */
  readonly memberships: Map<number, Membership>;
  /** The earliest instant at which a membership may change by itself. */
  readonly flip: { due: number; fireAt: number; actsAt: number };
}

/** Raw material of one computed attribute; what each part holds is the business of its keeper (trigger/computed). */
export interface Kept {
  count: number;
  /** Millionths. */
  sum: bigint;
  /** Ascending by time; of one time in the order of the stream. */
  entries: KeptEntry[];
  /** What is too much for `entries`, by whole hours or days; ascending. */
  buckets: KeptBucket[];
  /** What was taken out of a list, against additions that come late; ascending by time. */
  removals: KeptRemoval[];
}

export interface KeptEntry {
  /** Event time, ms. */
  readonly time: number;
  /** What the entry of a list is known by; empty elsewhere. */
  readonly id: string;
  /** The value as JSON text; empty where only the time matters. */
  readonly json: string;
}

export interface KeptBucket {
  /** Whole hours or days since 1970 UTC. */
  readonly index: number;
  count: number;
  /** Millionths. */
  sum: bigint;
  /** Event time of its first event, ms. */
  first: number;
}

export interface KeptRemoval {
  readonly time: number;
  /** null: all of them. */
  readonly id: string | null;
}

export interface Membership {
  inside: boolean;
  /** The earliest instant after it was judged at which time alone may change it, ms; Infinity: never. */
  flipsAt: number;
}

export function newComputedState(): ComputedState {
  return {
    kept: new Map(),
    memberships: new Map(),
    flip: { due: 0, fireAt: Infinity, actsAt: 0 },
  };
}

export function newKept(): Kept {
  return { count: 0, sum: 0n, entries: [], buckets: [], removals: [] };
}

/** Nothing is kept and no membership is known. */
export function isNothingComputed({ kept, memberships }: ComputedState): boolean {
  return kept.size === 0 && memberships.size === 0;
}
