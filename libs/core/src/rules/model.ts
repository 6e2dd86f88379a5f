/**
 * A workspace as the marketer meant it, after shape and names were checked: plain data, no positions, no defaults left
 * to fill in. `readWorkspace` makes it from files, `compileRuleset` turns it into something that runs.
 * Meaning: rule-language.md. Durations are milliseconds, shares are fractions of 1, times of day are minutes since 00:00.
 */
import type { JsonObject } from '../event/event.js';

export const CHANNELS = ['email', 'sms', 'push', 'web push', 'telegram', 'whatsapp', 'viber', 'inbox'] as const;
export type Channel = (typeof CHANNELS)[number];

/** `event.price`: root and the names behind it. `text` is the path as it was written. */
export interface Path {
  readonly root: 'customer' | 'start' | 'starts' | 'event' | 'item';
  readonly names: readonly string[];
  readonly text: string;
}

export type Scalar = string | number | boolean;
export type Operand =
  { readonly kind: 'literal'; readonly value: Scalar } | { readonly kind: 'path'; readonly path: Path };

/** Written with a blank in YAML (`at least`), kept as written. */
export type Comparison =
  | {
      readonly operator: 'equals' | 'not' | 'at least' | 'at most' | 'more than' | 'less than';
      readonly value: Operand;
    }
  | { readonly operator: 'contains' | 'starts with' | 'ends with'; readonly value: Operand }
  | { readonly operator: 'in' | 'not in' | 'contains any'; readonly values: readonly Operand[] }
  | { readonly operator: 'between'; readonly low: Operand; readonly high: Operand }
  | { readonly operator: 'matches'; readonly pattern: string }
  | { readonly operator: 'exists'; readonly expected: boolean }
  /** A date, an instant or a path to one; a plain date is that day's beginning in the customer's zone. */
  | { readonly operator: 'before' | 'after'; readonly value: Operand }
  | { readonly operator: 'within last' | 'within next'; readonly durationMs: number }
  | { readonly operator: 'any item' | 'every item'; readonly condition: Condition };

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly path: Path; readonly comparison: Comparison }
  | HistoryCondition;

/** `has done` / `has not done`. */
export interface HistoryCondition {
  readonly kind: 'has done';
  readonly negated: boolean;
  readonly events: readonly string[];
  readonly where: Condition | null;
  /** null: not said (then `at least` is 1 where `at most` is not said either). */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly withinMs: number | null;
  readonly sinceStart: boolean;
}

export interface EventOccasion {
  readonly kind: 'event';
  readonly events: readonly string[];
  readonly where: Condition | null;
}

export interface EventStart extends EventOccasion {
  /** Paths of the run's key on `event`; empty: one run per customer. */
  readonly key: readonly Path[];
}

export interface InactiveStart {
  readonly kind: 'inactive';
  readonly durationMs: number;
  /** Event names, or any track, page or screen call. */
  readonly since: readonly string[] | 'any event';
  readonly where: Condition | null;
}

export type Again =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'after'; readonly durationMs: number; readonly perCustomer: boolean };

export type OnCapped =
  { readonly kind: 'drop' } | { readonly kind: 'defer'; readonly upToMs: number } | { readonly kind: 'next channel' };

export interface SendStep {
  readonly kind: 'send';
  readonly template: string;
  /** null: all channels of the workspace that the template has. */
  readonly channels: readonly Channel[] | null;
  readonly category: string;
  readonly priority: number;
  /** null: the workspace's. */
  readonly onCapped: OnCapped | null;
  readonly expiresMs: number | null;
}

export type Step =
  | { readonly kind: 'wait'; readonly durationMs: number }
  | {
      readonly kind: 'wait for';
      readonly occasions: readonly EventOccasion[];
      readonly upToMs: number;
      readonly then: readonly Step[];
      readonly onTimeout: readonly Step[];
    }
  | {
      readonly kind: 'if';
      readonly condition: Condition;
      readonly then: readonly Step[];
      readonly else: readonly Step[];
    }
  | SendStep
  | { readonly kind: 'stop' };

export interface Rule {
  readonly name: string;
  readonly description: string | null;
  readonly category: string;
  readonly priority: number;
  readonly starts: readonly (EventStart | InactiveStart)[];
  readonly who: Condition | null;
  readonly stop: readonly EventOccasion[];
  readonly goal: { readonly occasions: readonly EventOccasion[]; readonly withinMs: number } | null;
  readonly again: Again;
  readonly whileRunning: 'ignore' | 'restart wait' | 'restart';
  readonly steps: readonly Step[];
  /** Share of customers that are never sent anything, 0 to 1. */
  readonly holdout: number;
  readonly tooLateAfterMs: number;
}

export interface Category {
  readonly name: string;
  readonly consent: 'opt-in' | 'opt-out' | 'none';
  readonly countsTowardCaps: boolean;
  readonly ignoresCaps: boolean;
  readonly ignoresQuietHours: boolean;
  /** What becomes of an attempt whose outcome nobody knows: never a duplicate, or rather twice than never. */
  readonly whenUnknown: 'hold' | 'resend';
  /** null: off. */
  readonly sameContentMs: number | null;
}

export interface Cap {
  readonly atMost: number;
  readonly window:
    | { readonly kind: 'rolling'; readonly durationMs: number }
    | { readonly kind: 'calendar'; readonly unit: 'day' | 'week' | 'month' };
  readonly category: string | null;
  readonly channel: Channel | null;
  /** As people read it: `1 per 1 day, promotional`. */
  readonly label: string;
}

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface QuietHours {
  /** Minutes since 00:00; a night with from > to ends on the next day and belongs to the day on which it begins. */
  readonly from: number;
  readonly to: number;
  /** null: all. */
  readonly channels: readonly Channel[] | null;
  readonly categories: readonly string[] | null;
  /** Weekdays or dates (YYYY-MM-DD) on which the night begins; null: every day. */
  readonly days: readonly string[] | null;
  readonly onQuiet: 'hold' | 'skip';
}

/** How a channel leaves. Secrets are names of environment variables, never values. */
export type ProviderSettings =
  /** `url` is the name of the environment variable that holds `smtp://user:password@host:587`. */
  | { readonly kind: 'smtp'; readonly url: string; readonly from: string; readonly ratePerSecond: number | null }
  | {
      readonly kind: 'webhook';
      /** An address as written, or the name of the environment variable that holds it. */
      readonly url: { readonly kind: 'address' | 'environment'; readonly value: string };
      readonly secret: string;
      readonly allowPrivate: boolean;
    }
  /** Development: each message a file. */
  | { readonly kind: 'file'; readonly from: string | null };

export interface Settings {
  readonly timeZone: string;
  /** BCP 47, canonical: `en-US`. */
  readonly locale: string;
  readonly defaultTime: number;
  readonly graceMs: number;
  readonly salt: string;
  readonly shop: JsonObject;
  readonly channels: readonly Channel[];
  readonly categories: { readonly [name: string]: Category };
  readonly caps: readonly Cap[];
  readonly onCapped: OnCapped;
  readonly quietHours: readonly QuietHours[];
  readonly providers: { readonly [channel in Channel]?: ProviderSettings };
}

/** One file of templates/NAME/. */
export interface TemplateFile {
  readonly path: string;
  readonly channel: Channel;
  readonly part: 'subject' | 'html' | 'text';
  readonly locale: string | null;
  readonly style: string | null;
  readonly source: string;
}

export interface Template {
  readonly name: string;
  readonly files: readonly TemplateFile[];
  /** Channels on which this template can leave. */
  readonly channels: readonly Channel[];
}

export interface Workspace {
  readonly settings: Settings;
  /** Sorted by name (code points). */
  readonly rules: readonly Rule[];
  readonly templates: { readonly [name: string]: Template };
}
