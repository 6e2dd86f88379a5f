import type { Cap, Channel, OnCapped } from '../rules/model.js';
import type { PlannedMessage } from '../trigger/effects.js';
import type { DeliveryPolicy } from './delivery-policy.js';

/** The closed list of reasons, shown as they are in the CLI, the console and the metrics (delivery.md). */
export const REASONS = [
  'run_stopped',
  'goal_reached',
  'expired',
  'too_late',
  'holdout',
  'control_group',
  'paused',
  'condition_false',
  'same_content',
  'no_consent',
  'no_address',
  'address_suppressed',
  'channel_off',
  'no_channel',
  'frequency_cap',
  'outranked',
  'quiet_hours',
  'template_error',
  'provider_rejected',
  'unknown_outcome',
] as const;
export type Reason = (typeof REASONS)[number];

/** How something leaves: on a channel of the customer, or as the call of a `webhook` step. */
export type Carrier = Channel | 'webhook';

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
  /** `contentHash` of the message: what `same content` compares. */
  readonly content: string;
  /** False for categories that do not count toward caps: kept for `same content` only. */
  readonly counts: boolean;
}

/**
 * A message that has not left: new, held, deferred, or waiting for a retry. One that is in flight (reserved, permitted)
 * is not among them: its slot speaks for it.
 */
export interface OpenMessage {
  readonly plan: PlannedMessage;
  /** ms; not judged before. */
  readonly notBefore: number;
  /** Withdrawn by its run's `stop` or `goal`. */
  readonly cancelled: 'run_stopped' | 'goal_reached' | null;
  /** Reason of the latest hold or deferral, if any. */
  readonly heldFor: Reason | null;
  /** The channel it would have left on when it was last held or deferred; absent: none was chosen yet. */
  readonly heldOn?: Channel | null;
  /** It was sent already and has a `fallback`: where it left, oldest first. Absent: it was not. */
  readonly sentOn?: readonly Channel[];
  /** Channels on which it has failed for good, so that its `fallback` goes elsewhere. */
  readonly failedOn?: readonly Channel[];
  /** It was sent, and until its not-before an answer is awaited: nothing is planned yet. */
  readonly awaitsFallback?: boolean;
  /** ms, null when never judged: lateness is judged once, since time held by quiet hours or caps is not lateness. */
  readonly firstJudgedAt: number | null;
}

/** What delivery knows of a customer while it holds the contact's lock. */
export interface DeliveryCustomer {
  readonly id: string;
  /** Traits by name, as the templates see them. */
  readonly traits: { readonly [name: string]: unknown };
  /** category → channel → given (true) or refused (false); absent: nothing recorded. `*` stands for all channels that are not named. */
  readonly consents: { readonly [category: string]: { readonly [channel: string]: boolean } };
  /** Addresses that must not be used: hard bounces, complaints, unsubscribes by address. */
  readonly suppressed: readonly { readonly channel: Channel; readonly address: string }[];
  /** What she has chosen in the preference centre; null: nothing. */
  readonly preferences: ContactPreferences | null;
  /** What became of her messages over the last 90 days, by channel; channels on which she received none are absent. */
  readonly engagement: readonly ChannelEngagement[];
  /** Until when rules have paused messages of a category, ms; null: they have not. Her own pause is a preference. */
  readonly pausedUntil: (category: string, now: number) => number | null;
  /** Whether she is in a segment now. */
  readonly inSegment: (segment: string, now: number) => boolean;
  /** Whether the rule's `who` holds for this message now; true for rules without `who`. */
  readonly whoHolds: (message: PlannedMessage, now: number) => boolean;
}

export interface ChannelPreferences {
  /** null: she has not chosen one. */
  readonly channel: Channel | null;
  /** On `channel` or not at all. */
  readonly only: boolean;
  readonly off: readonly Channel[];
}

/** All that a customer has chosen for herself, beside consents: `contact.preferences`. */
export interface ContactPreferences extends ChannelPreferences {
  /** Her own quiet hours, minutes since 00:00 on her wall clock; `from` included, `to` not. null: none. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
  /** Her own pause of everything that asks for consent, ms; null: none. */
  readonly pausedUntil: number | null;
  /** "Fewer messages": at most so many in so many times 24 hours. null: as many as the shop's caps let through. */
  readonly cap: { readonly atMost: number; readonly days: number } | null;
  /** Of rules' pauses that she ended, by category: those that would have lasted until then, ms, are over. */
  readonly endedPauses: { readonly [category: string]: number };
}

/** Received: accepted by the provider. Interacted: received ones that she has opened, clicked or replied to, herself. */
export interface ChannelEngagement {
  readonly channel: Channel;
  readonly received: number;
  readonly interacted: number;
  /** ms; the latest interaction, or where there is none the latest message. */
  readonly latest: number;
}

/** What `decideDelivery` sees beside the message itself. Nothing in it is changed; the order of its lists does not matter. */
export interface DecisionContext {
  readonly customer: DeliveryCustomer;
  /** Sent before this instant, or in flight. */
  readonly slots: readonly Slot[];
  /** Taken at this very instant, by decisions of the same claim. */
  readonly sentNow: readonly Slot[];
  /** The customer's open messages; those with a later not-before are `planned ahead`. */
  readonly open: readonly OpenMessage[];
  readonly policy: DeliveryPolicy;
  /** ms. */
  readonly now: number;
  /** End of the lease, ms: the slot of what is sent is [now, leaseUntil]. `now` where nothing is in flight (simulation). */
  readonly leaseUntil: number;
}

export interface ChannelCandidate {
  readonly channel: Channel;
  readonly outcome:
    | 'chosen'
    | 'possible'
    | 'no_consent'
    | 'no_address'
    | 'address_suppressed'
    | 'channel_off'
    | 'not_in_workspace'
    | 'template_lacks_it'
    | 'sent_before'
    | 'failed_before';
}

/** What put the channels into their order: the first of these that had something to say. */
export type ChannelOrder = 'choice' | 'engagement' | 'segment' | 'workspace';

export interface CapLook {
  readonly cap: Cap;
  readonly channel: Channel;
  readonly seen: number;
  /** ms; the window looked at: (from, to] of a rolling cap, [from, to) of a calendar cap. */
  readonly from: number;
  readonly to: number;
  /** The messages that hold the slots, oldest first. */
  readonly usedBy: readonly string[];
  /** ms; when a slot is free again, null while there is room. */
  readonly freeAt: number | null;
}

/** The inputs of every check that ran, so that "why?" needs no second look; null or empty: that check was not asked. */
export interface DecisionInputs {
  readonly wanted: {
    readonly due: number;
    readonly expiresAt: number | null;
    /** ms; last instant that is not too late. null where lateness was judged in an earlier round. */
    readonly tooLateAfter: number | null;
    readonly heldOut: boolean;
    readonly controlGroup: boolean;
    /** ms; null: not paused, or not asked. */
    readonly pausedUntil: number | null;
    /** null: not asked. */
    readonly whoHolds: boolean | null;
  };
  /** `of` is the message with the same content that was sent less than `windowMs` before. */
  readonly sameContent: {
    readonly windowMs: number | null;
    readonly of: string | null;
    readonly at: number | null;
  } | null;
  readonly timeZone: string;
  readonly candidates: readonly ChannelCandidate[];
  /** null: not asked. */
  readonly channelOrder: ChannelOrder | null;
  readonly caps: readonly CapLook[];
  readonly onCapped: OnCapped | null;
  /** Who took or needs the slot; `at` is its not-before where it is planned ahead, else this instant. */
  readonly outrankedBy: { readonly messageId: string; readonly priority: number; readonly at: number } | null;
  /** `until` null: asked, and the wall clock is outside all quiet hours. */
  readonly quiet: { readonly channel: Channel; readonly until: number | null } | null;
}

export type DeliveryVerdict =
  /** `address` as the traits have it; '' where only `assumeConsent` says there is one, and for calls, which take no slot. */
  | { readonly kind: 'send'; readonly channel: Carrier; readonly address: string; readonly slot: Slot | null }
  /** channel: the one it would have left on. */
  | { readonly kind: 'defer'; readonly until: number; readonly reason: Reason; readonly channel: Channel | null }
  /** channel: null where none was chosen yet, in this round or an earlier one. */
  | { readonly kind: 'suppress'; readonly reason: Reason; readonly channel: Carrier | null };

export interface DeliveryDecision {
  readonly message: OpenMessage;
  /** ms. */
  readonly at: number;
  readonly verdict: DeliveryVerdict;
  readonly inputs: DecisionInputs;
}
