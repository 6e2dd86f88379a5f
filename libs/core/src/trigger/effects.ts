import type { ConsentPreferences, EventSnapshot, Json, JsonObject } from '../event/event.js';
import type { Channel, OnCapped } from '../rules/model.js';

/**
 * What reaching a `send` decided: one message, to be judged by delivery. Everything that delivery and the template
 * need of the run stands here, so that neither has to find the run again.
 */
export interface PlannedMessage {
  /**
   * UUID text: 4 bytes day of `due` (days since 1970 UTC, big-endian) + 12 bytes
   * H(customer at start, rule, key, occurrence, step, round). delivery.md, The ledger.
   */
  readonly id: string;
  readonly customer: string;
  readonly rule: string;
  readonly version: number;
  /** null for rules without a key; a list for rules with several. */
  readonly key: string | readonly string[] | null;
  readonly occurrence: string;
  /** Place of the step: `2`, `4.then.1` (rule-language.md, Exact meaning 16). */
  readonly step: string;
  readonly round: number;
  readonly template: string;
  readonly channels: readonly Channel[] | null;
  /** Values of `with`, as they were when the step was reached; null: none. */
  readonly with: JsonObject | null;
  readonly style: string | null;
  readonly fallback: { readonly afterMs: number; readonly unless: 'delivered' | 'opened' | 'clicked' } | null;
  readonly ignoresQuietHours: boolean;
  /**
   * A call of an address instead of a message to the customer (`template` is then `webhook:NAME`, `channels` null): no
   * consent, cap, quiet hours or channel choice.
   */
  readonly webhook: { readonly to: string; readonly body: JsonObject } | null;
  /** Events that `as` has named in the run, by name; null: none. */
  readonly named: { readonly [name: string]: EventSnapshot } | null;
  readonly category: string;
  readonly priority: number;
  readonly onCapped: OnCapped | null;
  /** Event-time instant at which the step was reached, ms. */
  readonly due: number;
  /** Position of the step on the stream's clock, ms: `due`, or the log time where that is later. */
  readonly plannedAt: number;
  /** ms, null: never. */
  readonly expiresAt: number | null;
  readonly tooLateAfterMs: number;
  readonly heldOut: boolean;
  /** Instant the run counts its age from, ms: the time of `start`, or the instant itself for `inactive`. */
  readonly startedAt: number;
  /** The event the run started with, after `restart wait` the latest. */
  readonly start: EventSnapshot;
  /** All start events of the run, the latest 50; only where a rule or template uses `starts`. */
  readonly starts: readonly EventSnapshot[] | null;
}

/** Withdraws an open message; one that has left already is not touched by it. */
export interface Cancellation {
  readonly messageId: string;
  readonly reason: 'run_stopped' | 'goal_reached';
  /** ms, stream's clock. */
  readonly at: number;
}

/** An event that a run's `emit` puts into the stream, processed after the present one. */
export interface EmittedEvent {
  /** Follows from the run, the step and the round: emitting twice is one event. */
  readonly id: string;
  readonly customer: string;
  readonly event: string;
  readonly properties: JsonObject;
  /** Event time: the step's, ms. */
  readonly time: number;
  /** Position on the stream's clock, ms. */
  readonly at: number;
  readonly rule: string;
  /** How many emits led to this one, itself included. */
  readonly hops: number;
}

/** A run's `unsubscribe`: consent withdrawn, with the rule as its source. */
export interface Withdrawal {
  /** Follows from the run, the step and the round. */
  readonly id: string;
  readonly category: string;
  /** null: all channels. */
  readonly channels: readonly Channel[] | null;
  /** Event time: the step's, ms. */
  readonly time: number;
  readonly rule: string;
}

/** Consent that an event carried; delivery applies it under the contact's lock (engine.md, State). */
export interface ConsentChange {
  readonly eventId: string;
  /** Event time, ms: last writer per (category, channel). */
  readonly time: number;
  readonly preferences: ConsentPreferences;
}

/** rule-language.md, Exact meaning 9. */
export type NotStartedReason =
  | 'where_false'
  | 'key_missing'
  | 'who_false'
  | 'again'
  | 'already_running'
  | 'too_late'
  | 'not_active'
  | 'duration_unknown'
  | 'warming';

export type RunOutcome = 'finished' | 'stopped' | 'restarted' | 'goal_reached';

/** Compact trace of what a run did; written with the batch only where something changed. */
export type TraceEntry =
  | {
      readonly kind: 'started';
      readonly rule: string;
      readonly version: number;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly event: string | null;
      readonly heldOut: boolean;
    }
  | {
      readonly kind: 'not_started';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly at: number;
      readonly event: string | null;
      readonly reason: NotStartedReason;
      readonly detail: string | null;
    }
  | {
      readonly kind: 'wait_restarted';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly event: string;
    }
  | {
      readonly kind: 'branch';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly step: string;
      readonly branch: string;
      /** Why, in the values that decided; only where somebody wants to have things explained. */
      readonly detail?: string;
    }
  /** A further start event that `while running: collect` has taken in. */
  | {
      readonly kind: 'collected';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly event: string;
    }
  /** What `set`, `emit`, `pause`, `resume`, `unsubscribe` and `webhook` did, by step. */
  | {
      readonly kind: 'set';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly step: string;
      readonly traits: { readonly [name: string]: Json };
    }
  | {
      readonly kind: 'emitted';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly step: string;
      readonly event: string;
      readonly properties: JsonObject;
    }
  | {
      readonly kind: 'paused' | 'resumed' | 'unsubscribed';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly step: string;
      readonly category: string;
      /** ms; when a pause ends. */
      readonly until: number | null;
    }
  | {
      readonly kind: 'planned';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly step: string;
      readonly messageId: string;
    }
  | {
      readonly kind: 'ended';
      readonly rule: string;
      readonly key: string | readonly string[] | null;
      readonly occurrence: string;
      readonly at: number;
      readonly outcome: RunOutcome;
      readonly by: string | null;
    };

export function noEffects(): Effects {
  return { planned: [], cancelled: [], consents: [], withdrawals: [], emitted: [], traces: [] };
}

/** What evaluating one customer's inputs asks the outside world to do; appended to, in order. */
export interface Effects {
  readonly planned: PlannedMessage[];
  readonly cancelled: Cancellation[];
  readonly consents: ConsentChange[];
  readonly withdrawals: Withdrawal[];
  readonly emitted: EmittedEvent[];
  readonly traces: TraceEntry[];
}

/** How many of each there are. */
export type EffectMarks = { readonly [kind in keyof Effects]: number };

export function markEffects({ planned, cancelled, consents, withdrawals, emitted, traces }: Effects): EffectMarks {
  return {
    planned: planned.length,
    cancelled: cancelled.length,
    consents: consents.length,
    withdrawals: withdrawals.length,
    emitted: emitted.length,
    traces: traces.length,
  };
}

/** Takes back what was appended since. */
export function cutEffects(effects: Effects, marks: EffectMarks): void {
  for (const kind of Object.keys(marks) as (keyof Effects)[]) effects[kind].length = marks[kind];
}
