import type {
  Cancellation,
  Carrier,
  Channel,
  ConsentChange,
  FeedbackKind,
  ContactChange,
  ContactView,
  Withdrawal,
  PlannedMessage,
  PreferencesAccess,
  Reason,
  SlotFate,
  Unsubscription,
} from '#core';

/** A row of `message_open` of a claimed customer. Times are ms since 1970 UTC, of the clock port. */
export interface OpenMessageRow {
  readonly messageId: string;
  readonly plan: PlannedMessage;
  readonly notBefore: number;
  /** waiting: sent (or failed for good) on a channel, and its fallback is not due yet. */
  readonly state: 'planned' | 'reserved' | 'permitted' | 'waiting';
  readonly attempt: number;
  readonly heldFor: Reason | null;
  /** Channel of the latest round, if one was chosen. */
  readonly heldOn: Channel | null;
  readonly firstJudgedAt: number | null;
  /** Channels on which it was accepted, and those on which it failed for good, oldest first; null: none. */
  readonly sentOn: readonly Channel[] | null;
  readonly failedOn: readonly Channel[] | null;
  readonly cancelled: Cancellation['reason'] | null;
}

/** Of one message and kind the latest. */
export interface Answer {
  readonly messageId: string;
  readonly kind: FeedbackKind;
  /** ms. */
  readonly at: number;
}

/** All of a customer that a decision may look at, read after its contact row was locked, with a new snapshot. */
export interface ClaimedCustomer {
  readonly customerId: string;
  readonly state: Uint8Array | null;
  readonly consents: Uint8Array | null;
  readonly preferences: Uint8Array | null;
  /** As `encodeSuppressed` wrote them. */
  readonly addresses: Uint8Array | null;
  readonly slots: Uint8Array;
  readonly inbox: readonly (ConsentChange | Withdrawal)[];
  /** As `encodeEngagement` wrote it. */
  readonly engagement: Uint8Array | null;
  /** What she answered since it was last applied, in its order. */
  readonly feedback: readonly Answer[];
  readonly open: readonly OpenMessageRow[];
  /** The dead letter in which an event of hers is parked; null: none is. */
  readonly deadLetter: string | null;
  /** Of every slot in `slots` that is an interval: read before any refusal (delivery.md, Windows). */
  readonly fates: readonly SlotFate[];
}

export type MessageWrite =
  /** reserved: the lease runs from the claim. */
  | { readonly kind: 'reserve'; readonly messageId: string; readonly channel: Carrier; readonly decision: Uint8Array }
  | {
      readonly kind: 'defer';
      readonly messageId: string;
      readonly notBefore: number;
      readonly channel: Channel | null;
      readonly reason: Reason;
      readonly decision: Uint8Array;
    }
  | {
      readonly kind: 'suppress';
      readonly messageId: string;
      readonly channel: Carrier | null;
      readonly reason: Reason;
      readonly blockedBy: string | null;
      readonly decision: Uint8Array;
      /** For the stream, where a rule listens to it. */
      readonly outcome: OutcomeEvent | null;
    }
  /** Not judged, and looked at again from then on, ms. */
  | { readonly kind: 'postpone'; readonly messageId: string; readonly notBefore: number }
  /** No fallback follows any more: it was sent, or where no channel took it, it has failed. */
  | { readonly kind: 'settle'; readonly messageId: string; readonly outcome: OutcomeEvent | null };

export type SettleWrite = Extract<MessageWrite, { kind: 'settle' }>;

export interface CustomerWrite {
  readonly customerId: string;
  /** After the inbox was applied; null: unchanged. A change raises consent_version. */
  readonly consents: Uint8Array | null;
  readonly slots: Uint8Array;
  /** Absent or null: unchanged. */
  readonly engagement?: Uint8Array | null;
  /** What was applied of the answers; absent: nothing. */
  readonly feedback?: readonly Answer[];
  readonly messages: readonly MessageWrite[];
}

export interface ReservedMessage {
  readonly messageId: string;
  readonly customerId: string;
  readonly plan: PlannedMessage;
  readonly channel: Carrier;
  readonly attempt: number;
  /** Real time by the host's clock, ms: no network write may begin after it. */
  readonly giveUpAt: number;
  readonly consentVersion: number;
  /** The customer's state as it was claimed: templates see its traits. */
  readonly state: Uint8Array | null;
  /** `contact.addresses` as it was claimed; see `decodeSuppressed`. */
  readonly suppressed: Uint8Array | null;
}

export interface ClaimRequest {
  readonly worker: number;
  /** Customers at most. */
  readonly limit: number;
  /** Length of the lease in real time, ms. */
  readonly leaseMs: number;
}

/**
 * Synchronous: runs between the reading and the writing of one transaction. `now` and `leaseUntil` are of the clock
 * port; a slot is the interval [now, leaseUntil].
 */
export type DecideClaim = (
  customers: readonly ClaimedCustomer[],
  now: number,
  leaseUntil: number,
) => readonly CustomerWrite[];

export type CloseWrite =
  | {
      readonly kind: 'sent';
      readonly messageId: string;
      readonly providerId: string | null;
      readonly detail: string | null;
      /** ms; it stays open for so long, for its fallback. Absent or null: it has none. */
      readonly fallbackAfterMs?: number | null;
      /** Devices that are gone although another one took it. */
      readonly suppressAddresses?: readonly { readonly channel: Channel; readonly address: string }[];
    }
  /** Permanent; nothing was accepted. `suppressAddresses`: the address itself is dead, or those of all devices. */
  | {
      readonly kind: 'failed';
      readonly messageId: string;
      readonly reason: Reason;
      readonly detail: string;
      readonly suppressAddresses: readonly { readonly channel: Channel; readonly address: string }[];
      /** It has a fallback: judged again at once, for the channels that are left. */
      readonly nextChannel?: boolean;
    }
  | { readonly kind: 'unknown'; readonly messageId: string; readonly detail: string }
  /** A definite failure that may pass: planned again, not before this instant of the clock port; a new claim looks at everything anew. */
  | { readonly kind: 'retry'; readonly messageId: string; readonly notBefore: number; readonly detail: string }
  /**
   * The permit was refused, the worker stops, or the provider takes nothing now: planned again, the attempt does not
   * count. `notBefore` (ms of the clock port): not before then; without it at once.
   */
  | { readonly kind: 'release'; readonly messageId: string; readonly notBefore?: number };

/** Rows for the stream that go out with the same transaction (outcome events a rule listens to). */
export interface OutcomeEvent {
  readonly customerKey: string;
  /** Of which message: of one that is gone, since its customer was erased, nothing is told. null: it is told anyway. */
  readonly messageId: string | null;
  readonly recordId: string;
  readonly value: Uint8Array;
}

/** One row as `kairos messages` lists it; open and closed alike. */
export interface MessageListing {
  readonly messageId: string;
  readonly customer: string;
  readonly rule: string;
  readonly version: number;
  readonly key: string | readonly string[] | null;
  readonly step: string;
  readonly template: string;
  readonly channel: string | null;
  readonly category: string;
  readonly outcome: 'planned' | 'held' | 'sending' | 'waiting' | 'sent' | 'suppressed' | 'failed' | 'unknown';
  readonly reason: string | null;
  /** ms. */
  readonly plannedAt: number;
  readonly at: number | null;
  readonly notBefore: number | null;
  readonly detail: string | null;
}

/** What became of an earlier round: held, tried again, sent on one channel of several, replayed, answered. */
export interface MessageRound {
  readonly kind: string;
  /** ms. */
  readonly at: number;
  /** Why; of `sent` the channel. */
  readonly reason: string | null;
  /** The answer of a provider, or who replayed it; null where the round has none. */
  readonly detail: string | null;
}

export interface MessageHistory {
  readonly listing: MessageListing;
  /** Of the latest decision. */
  readonly decision: Uint8Array | null;
  /** Oldest first. */
  readonly rounds: readonly MessageRound[];
  /** It has not left, and an event of its customer is parked as this dead letter; null: no. */
  readonly deadLetter: string | null;
}

export interface MessageQuery {
  readonly customer?: string;
  readonly rule?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly since?: number;
  readonly limit: number;
}

/** Others see that a worker is alive until it leaves, or its process or connection ends. */
export interface Presence {
  leave(): Promise<void>;
}

/**
 * The queue and the history of messages (delivery.md, The ledger). Several processes work on one ledger.
 * Throws `StoreError` (retryable) when the database could not be asked.
 */
export interface MessageLedger {
  /** From now on what this worker has reserved is given back as soon as it is gone, not only when its lease ends. */
  attend(worker: number): Promise<Presence>;
  claim(
    request: ClaimRequest,
    decide: DecideClaim,
  ): Promise<{ readonly reserved: readonly ReservedMessage[]; readonly customers: number }>;
  /** Ids that may go out now: lease ours and long enough, not cancelled, consent unchanged. One commit for all. */
  permit(worker: number, messageIds: readonly string[], needMs: number): Promise<ReadonlySet<string>>;
  /** One commit for all; `outcomes` enter the stream outbox with it. */
  close(worker: number, writes: readonly CloseWrite[], outcomes: readonly OutcomeEvent[]): Promise<void>;
  /**
   * Leases that ran out, and what workers hold that are gone: reserved → planned again, permitted → unknown (or planned again
   * where the category says resend). Returns how many of each.
   */
  recover(resendCategories: readonly string[]): Promise<{ readonly replanned: number; readonly unknown: number }>;
  /** ms of the clock port until the next message is due, null when nothing is open; a hint for polling. */
  nextDue(): Promise<number | null>;
  /** Messages that may be judged now; for metrics. */
  dueCount(): Promise<number>;
  /**
   * Tries failed and unknown messages again: each is claimed anew, with a new look at everything but whether it is late. An
   * unknown one may arrive twice. Answers with the ids that are open again. @param by who wants it, for the record
   */
  replay(messageIds: readonly string[], by: string): Promise<readonly string[]>;
  list(query: MessageQuery): Promise<readonly MessageListing[]>;
  decision(messageId: string): Promise<MessageHistory | null>;
}

/** Consent and preferences by the customer's own hand, under the contact's lock: once it resolves no new claim passes. */
export interface ContactBook {
  /** Doing it again is fine. Throws `StoreError` when it could not be recorded. */
  unsubscribe(unsubscription: Unsubscription): Promise<void>;
  /** What is recorded now; nothing is changed. Throws `StoreError`. */
  view(access: PreferencesAccess): Promise<ContactView>;
  /** Writes what `decide` says of the view under the lock, and tells the stream. Throws `StoreError`. */
  change(access: PreferencesAccess, decide: (view: ContactView) => ContactChange): Promise<void>;
}
