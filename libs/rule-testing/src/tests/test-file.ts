import type { Channel, ConsentPreferences, Json, JsonObject, NotStartedReason, Reason, RunOutcome } from '#core';

/** A `*.test.yaml` as it was meant (rule-language.md, Rule tests). Instants are ms since 1970 UTC. */
export interface TestFile {
  readonly path: string;
  /** The file's text, to show lines of it. */
  readonly text: string;
  readonly clock: number;
  readonly customers: readonly TestCustomer[];
  readonly tests: readonly RuleTest[];
}

/** Where something stands in the file; lines and columns count from 1, columns in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Known from the beginning. */
export interface TestCustomer {
  readonly name: string;
  readonly traits: JsonObject;
  readonly consents: ConsentPreferences | null;
}

export interface RuleTest {
  readonly name: string;
  readonly place: Place;
  /** In the order of the stream, which is that of the file. */
  readonly events: readonly TestEvent[];
  /** null: when nothing is pending, at most 400 days. */
  readonly until: number | null;
  /** By time. */
  readonly expect: readonly Expectation[];
  readonly explain: readonly ExpectedOutcome[];
  readonly chance: ReadonlyMap<string, ChosenChance>;
}

const MOST_MS = 400 * 86_400_000;

/** Where the clock of a test stops at the latest, ms. */
export function stopOf({ until, events }: Pick<RuleTest, 'until' | 'events'>, clock: number): number {
  return until ?? Math.max(clock + MOST_MS, ...events.map(({ at }) => at));
}

/** What `chance` of a test says of one rule; of others everybody takes first branches and nobody is held out. */
export interface ChosenChance {
  readonly heldOut: boolean;
  /** Names of branches of splits, and of variants, that everybody takes. */
  readonly branches: readonly string[];
}

/** What customers do with messages, as `*.test.yaml` calls it, and the event that it is. */
export const ANSWERS = {
  opens: 'Message Opened',
  clicks: 'Message Clicked',
  'replies to': 'Message Replied',
  bounces: 'Message Bounced',
} as const;
export type Answer = keyof typeof ANSWERS;

export interface TestEvent {
  readonly at: number;
  readonly place: Place;
  readonly call:
    | { readonly kind: 'event'; readonly customer: string; readonly name: string; readonly properties: JsonObject }
    | { readonly kind: 'traits'; readonly customer: string; readonly traits: JsonObject }
    /** To the latest message of this template that was sent to the customer. */
    | { readonly kind: 'answer'; readonly customer: string; readonly answer: Answer; readonly template: string }
    /** About a thing: for every customer whose list holds it. */
    | { readonly kind: 'item'; readonly item: string; readonly name: string; readonly properties: JsonObject };
}

/** One line of `expect`. null: not compared. */
export interface Expectation {
  readonly place: Place;
  readonly at: number;
  readonly what:
    /** `suppressed` null: it must have been sent. */
    | {
        readonly kind: 'send' | 'webhook';
        readonly name: string;
        readonly channel: Channel | null;
        readonly suppressed: Reason | null;
      }
    | { readonly kind: 'emit'; readonly name: string }
    /** Traits that one `set` step writes, all of them. */
    | { readonly kind: 'set'; readonly names: readonly string[] };
  readonly to: string | null;
  /** Names that are written are compared: of `with`, of a webhook's body, of an event's properties, of traits. */
  readonly with: { readonly [name: string]: Json } | null;
}

/** What happened, of the kinds that `expect` speaks of. */
export type ExpectedKind = Expectation['what']['kind'];

export interface ExpectedOutcome {
  readonly place: Place;
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

/** In the order in which the language lists them; all of them, which `satisfies` cannot say and the test does. */
export const NOT_STARTED_REASONS = [
  'where_false',
  'key_missing',
  'who_false',
  'again',
  'already_running',
  'too_late',
  'not_active',
  'duration_unknown',
  'warming',
] as const satisfies readonly NotStartedReason[];
