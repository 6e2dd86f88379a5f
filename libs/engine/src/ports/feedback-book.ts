import type { Channel, FeedbackKind, JsonObject } from '#core';
import type { OutcomeEvent } from './message-ledger.js';

/** What somebody says of a message that left: a provider, a mailbox, the reader's own program. */
export interface Feedback {
  /** UUID text. */
  readonly messageId: string;
  readonly kind: FeedbackKind;
  /** Where it left that way; absent: on its latest channel. A message that has gone to another since is not meant there. */
  readonly channel?: Channel;
  /** ms of the clock port. */
  readonly at: number;
  /**
   * `machine`: opened by a program before anybody read it; `bot`: clicked by a scanner. Of a bounce `hard` or `soft`.
   * null: a person, or nothing to say; the book itself marks opens and clicks that come too soon after the message left.
   * Whoever counts opens and clicks counts those without a reason.
   */
  readonly reason: 'machine' | 'bot' | 'hard' | 'soft' | null;
  /** Tells copies apart: two of one message, kind and reason with the same are one. */
  readonly copyOf: string;
  /** Kept beside it and told to the rules: `link`, `code`. */
  readonly detail: JsonObject;
  /**
   * The address must not be used any more until it is confirmed anew. `address` null: the one that the customer has
   * now on the channel that the report is about.
   */
  readonly suppress: { readonly address: string | null } | null;
}

/** Of which message, for the event by which rules hear of it. */
export interface ToldFeedback {
  readonly feedback: Feedback;
  readonly customer: string;
  readonly rule: string;
  readonly template: string;
  readonly category: string;
  readonly channel: string | null;
  readonly step: string;
  /** Id of the event that started the run. */
  readonly run: string;
}

/** What became of one of them. `unknown`: there is no such message (any more). `enough`: see `MAX_OF_A_KIND`. */
export type FeedbackFate = 'recorded' | 'copy' | 'unknown' | 'enough';

/** A link can be opened a million times: of one message and kind (and reason) so many are kept. */
export const MAX_OF_A_KIND = 50;

/**
 * Appends to `message_outcome`, the one source of attribution, channel preference and metrics (delivery.md, Feedback).
 * Order and repetition do not matter.
 */
export interface FeedbackBook {
  /**
   * Ids of messages by what the provider named them when it took them; what it never took is left out. Throws
   * `StoreError`.
   */
  byProviderIds(channel: Channel, providerIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * One transaction for all: outcome, event for the stream, suppressed address stand together or not at all. Answers in
   * the order given. Throws `StoreError` when it could not be recorded.
   */
  record(
    feedback: readonly Feedback[],
    eventOf: (told: ToldFeedback) => OutcomeEvent | null,
  ): Promise<readonly FeedbackFate[]>;
}
