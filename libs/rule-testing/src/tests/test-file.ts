import type { Channel, ConsentPreferences, JsonObject, NotStartedReason, Reason, RunOutcome } from '#core';

/** A `*.test.yaml` as it was meant (rule-language.md, Rule tests). Instants are ms since 1970 UTC, lines count from 1. */
export interface TestFile {
  readonly path: string;
  readonly clock: number;
  readonly customers: readonly TestCustomer[];
  readonly tests: readonly RuleTest[];
}

/** Known from the beginning. */
export interface TestCustomer {
  readonly name: string;
  readonly traits: JsonObject;
  readonly consents: ConsentPreferences | null;
}

export interface RuleTest {
  readonly name: string;
  readonly line: number;
  /** In the order of the stream, which is that of the file. */
  readonly events: readonly TestEvent[];
  /** null: when nothing is pending, at most 400 days. */
  readonly until: number | null;
  /** By time. */
  readonly expect: readonly ExpectedMessage[];
  readonly explain: readonly ExpectedOutcome[];
  /** Rules of whose holdout every customer is; in tests nobody else is in any. */
  readonly heldOut: ReadonlySet<string>;
}

export interface TestEvent {
  readonly at: number;
  readonly customer: string;
  readonly call:
    | { readonly kind: 'event'; readonly name: string; readonly properties: JsonObject }
    | { readonly kind: 'traits'; readonly traits: JsonObject };
}

/** null: not compared. `suppressed` null: it must have been sent. */
export interface ExpectedMessage {
  readonly line: number;
  readonly at: number;
  readonly template: string;
  readonly to: string | null;
  readonly channel: Channel | null;
  readonly suppressed: Reason | null;
}

export interface ExpectedOutcome {
  readonly line: number;
  readonly rule: string;
  /** null: any customer. */
  readonly customer: string | null;
  readonly outcome: RunOutcome | 'not_started';
  /** The event that ended the run, or the reason why none began; null: not compared. */
  readonly by: string | null;
}

export const OUTCOMES = [
  'finished',
  'stopped',
  'restarted',
  'goal_reached',
  'not_started',
] as const satisfies readonly ExpectedOutcome['outcome'][];

export const NOT_STARTED_REASONS = [
  'where_false',
  'key_missing',
  'who_false',
  'again',
  'already_running',
  'too_late',
] as const satisfies readonly NotStartedReason[];
