import type { Channel } from '../rules/model.js';
import type { PlannedMessage } from '../trigger/effects.js';

/** The closed list of reasons, shown as they are in the CLI, the console and the metrics (delivery.md). */
export const REASONS = [
  'run_stopped', 'goal_reached', 'expired', 'too_late', 'holdout', 'control_group', 'paused', 'condition_false', 'same_content',
  'no_consent', 'no_address', 'address_suppressed', 'channel_off', 'no_channel', 'frequency_cap', 'outranked', 'quiet_hours',
  'template_error', 'provider_rejected', 'unknown_outcome',
] as const;
export type Reason = (typeof REASONS)[number];

/**
 * Something that was sent, or is being sent now, and therefore counts: an interval that contains the moment of
 * acceptance (delivery.md, Windows). Rolling windows count from `to`, calendar windows count every period touched.
 */
export interface Slot {
  readonly messageId: string;
  /** ms. For a recorded acceptance from = to. */
  readonly from: number;
  readonly to: number;
  readonly channel: Channel;
  readonly category: string;
  readonly priority: number;
  /** Hash of template, key and `with`: what `same content` compares. */
  readonly content: string;
  /** False for categories that do not count toward caps: kept for `same content` only. */
  readonly counts: boolean;
}

/** A message that has not left: new, held, deferred, or waiting for a retry. */
export interface OpenMessage {
  readonly plan: PlannedMessage;
  /** ms; not judged before. */
  readonly notBefore: number;
  /** Withdrawn by its run's `stop` or `goal`. */
  readonly cancelled: 'run_stopped' | 'goal_reached' | null;
  /** Reason of the latest hold or deferral, if any. */
  readonly heldFor: Reason | null;
  /** True once an attempt was made: exempt from the same-content check. */
  readonly attempted: boolean;
  /** Time already spent in quiet hours or caps is not lateness: ms of the first judgement, null when never judged. */
  readonly firstJudgedAt: number | null;
}

/** What delivery knows of a customer while it holds the contact's lock. */
export interface DeliveryCustomer {
  readonly id: string;
  /** Traits by name, as the templates see them. */
  readonly traits: { readonly [name: string]: unknown };
  /** category → channel → given (true) or refused (false); absent: nothing recorded. `*` stands for all channels. */
  readonly consents: { readonly [category: string]: { readonly [channel: string]: boolean } };
  /** Addresses that must not be used: hard bounces, complaints, unsubscribes by address. */
  readonly suppressed: readonly { readonly channel: Channel; readonly address: string }[];
  /** Whether the rule's `who` holds for this message now; true for rules without `who`. */
  readonly whoHolds: (message: PlannedMessage, now: number) => boolean;
}

export interface ChannelCandidate {
  readonly channel: Channel;
  readonly outcome: 'chosen' | 'possible' | 'no_consent' | 'no_address' | 'address_suppressed' | 'channel_off' | 'not_in_workspace' | 'template_lacks_it';
}

export interface CapLook {
  readonly cap: string;
  readonly channel: Channel;
  readonly atMost: number;
  readonly seen: number;
  /** ms; the window looked at. */
  readonly from: number;
  readonly to: number;
  /** Ids of the messages that hold the slots. */
  readonly usedBy: readonly string[];
}

/** The inputs of every check that ran, so that "why?" needs no second look. */
export interface DecisionInputs {
  readonly candidates: readonly ChannelCandidate[];
  readonly caps: readonly CapLook[];
  readonly quiet: { readonly channel: Channel; readonly until: number; readonly timeZone: string } | null;
  readonly sameContentOf: string | null;
  readonly outrankedBy: string | null;
}

export type DeliveryVerdict =
  | { readonly kind: 'send'; readonly channel: Channel; readonly address: string; readonly slot: Slot }
  | { readonly kind: 'defer'; readonly until: number; readonly reason: Reason; readonly channel: Channel | null }
  | { readonly kind: 'suppress'; readonly reason: Reason; readonly channel: Channel | null };

export interface DeliveryDecision {
  readonly message: OpenMessage;
  /** ms. */
  readonly at: number;
  readonly verdict: DeliveryVerdict;
  readonly inputs: DecisionInputs;
}
