/**
 * A workspace as the marketer meant it, after shape and names were checked: plain data, no positions, no defaults left
 * to fill in. `readWorkspace` makes it from files, `compileRuleset` turns it into something that runs.
 * Meaning: rule-language.md. Durations are milliseconds, shares are fractions of 1, times of day are minutes since 00:00.
 */
import type { JsonObject } from '../event/event.js';

export const CHANNELS = ['email', 'sms', 'push', 'web push', 'telegram', 'whatsapp', 'viber', 'inbox'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * `event.price`: root and the names behind it. `text` is the path as it was written. A name given by `as` is the root
 * `as`, with the name itself first: `answer.score` is `as`, [`answer`, `score`].
 */
export interface Path {
  readonly root: 'customer' | 'start' | 'starts' | 'event' | 'item' | 'repeat' | 'as';
  readonly names: readonly string[];
  readonly text: string;
}

export type Scalar = string | number | boolean;
export type Operand =
  { readonly kind: 'literal'; readonly value: Scalar } | { readonly kind: 'path'; readonly path: Path };

/** What `with`, `set`, `emit` and `webhook` hold: JSON in which a path may stand wherever a value is wanted. */
export type ValueTree =
  | Operand
  | { readonly kind: 'list'; readonly items: readonly ValueTree[] }
  | { readonly kind: 'map'; readonly entries: { readonly [name: string]: ValueTree } };

/** `1 hour 30 minutes`, or `0.9 x customer.order_gap or 30 days`. */
export type Duration =
  | FixedDuration
  | {
      readonly kind: 'of customer';
      readonly factor: number;
      /** An `average gap`. */
      readonly path: Path;
      /** null: unknown is unknown. */
      readonly orMs: number | null;
    };

export interface FixedDuration {
  readonly kind: 'fixed';
  readonly ms: number;
  /** The whole days and weeks of it, as days: days of the calendar where a MOMENT with `at` counts them. */
  readonly days: number;
}

/** rule-language.md, Moments. `at` (minutes since 00:00) stands beside it in `DatedMoment`. */
export type Moment =
  /** `"10:00"`: the next one, strictly later. */
  | { readonly kind: 'time of day'; readonly minute: number }
  | { readonly kind: 'weekdays'; readonly days: readonly Weekday[] }
  /** Days since 1970-01-01 of the calendar. */
  | { readonly kind: 'day'; readonly day: number }
  | { readonly kind: 'instant'; readonly time: number }
  | { readonly kind: 'path'; readonly path: Path }
  | {
      readonly kind: 'beside';
      readonly side: 'before' | 'after';
      readonly duration: FixedDuration;
      readonly path: Path;
    }
  | { readonly kind: 'later'; readonly duration: FixedDuration };

export interface DatedMoment {
  readonly moment: Moment;
  /** Minutes since 00:00; null: not said. */
  readonly at: number | null;
}

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
  /** A MOMENT; a plain date is that day at the default time in the customer's zone. */
  | { readonly operator: 'before' | 'after'; readonly value: Operand | Moment }
  | { readonly operator: 'within last' | 'within next'; readonly durationMs: number }
  /** Only in the `where` of an item event: against the same property of the customer's entry. `share` of 1, or an amount. */
  | {
      readonly operator: 'dropped by' | 'rose by';
      readonly least: { readonly kind: 'share'; readonly share: number } | Operand;
    }
  | { readonly operator: 'any item' | 'every item'; readonly condition: Condition };

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly path: Path; readonly comparison: Comparison }
  /** In any of these segments. */
  | { readonly kind: 'segment'; readonly segments: readonly string[] }
  | HistoryCondition
  | MessageHistoryCondition;

/** `has received`, `has opened`, `has clicked`, and each with `not`. Received means accepted by the provider. */
export interface MessageHistoryCondition {
  readonly kind: 'has received' | 'has opened' | 'has clicked';
  readonly negated: boolean;
  /** null: any. */
  readonly template: string | null;
  readonly category: string | null;
  readonly channel: Channel | null;
  readonly rule: string | null;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly withinMs: number | null;
  readonly sinceStart: boolean;
}

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

export interface SegmentOccasion {
  readonly kind: 'enters' | 'leaves';
  readonly segment: string;
}

export const MESSAGE_EVENTS = ['sent', 'delivered', 'opened', 'clicked', 'replied', 'failed'] as const;

/** In `start` any message of that template, elsewhere the latest one of this run. */
export interface MessageOccasion {
  readonly kind: (typeof MESSAGE_EVENTS)[number];
  readonly template: string;
}

/** Something that happens, in `stop`, `goal` and `wait: { for }`. */
export type Occasion = EventOccasion | SegmentOccasion | MessageOccasion;

export interface EventStart extends EventOccasion {
  /** Paths of the run's key on `event`; empty: one run per customer. */
  readonly key: readonly Path[];
}

export interface InactiveStart {
  readonly kind: 'inactive';
  readonly duration: Duration;
  /** Event names, or any track, page or screen call. */
  readonly since: readonly string[] | 'any event';
  readonly where: Condition | null;
}

export interface DateStart extends DatedMoment {
  readonly kind: 'date';
  /** null: once for each value. */
  readonly every: 'day' | 'week' | 'month' | 'year' | null;
}

export interface EveryStart {
  readonly kind: 'every';
  /** `month`: its first day. */
  readonly days: 'day' | 'month' | readonly Weekday[];
  /** null: the workspace's default time. */
  readonly at: number | null;
}

/** An event about a thing, for every customer whose list holds it; one run for each entry. */
export interface ItemStart {
  readonly kind: 'item event';
  readonly events: readonly string[];
  /** Of a computed list. */
  readonly list: Path;
  readonly where: Condition | null;
}

export type Start = EventStart | SegmentOccasion | MessageOccasion | InactiveStart | DateStart | EveryStart | ItemStart;

export type Again =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'after'; readonly durationMs: number; readonly perCustomer: boolean };

export type OnCapped =
  { readonly kind: 'drop' } | { readonly kind: 'defer'; readonly upToMs: number } | { readonly kind: 'next channel' };

export interface SendStep {
  readonly kind: 'send';
  /** One with share 1 where nothing is varied. template null is `nothing`: nobody. In the order written. */
  readonly variants: readonly { readonly name: string; readonly template: string | null; readonly share: number }[];
  /** false: a plain `template`; then nothing is drawn. */
  readonly drawn: boolean;
  readonly with: { readonly [name: string]: ValueTree } | null;
  /** null: all channels of the workspace that the template has. A path may lead to a channel. */
  readonly channels: readonly (Channel | Path)[] | null;
  readonly fallback: { readonly afterMs: number; readonly unless: 'delivered' | 'opened' | 'clicked' } | null;
  readonly category: string;
  readonly priority: number;
  /** null: the workspace's. */
  readonly onCapped: OnCapped | null;
  readonly ignoresQuietHours: boolean;
  readonly expiresMs: number | null;
  readonly style: string | null;
}

export interface WaitUntilStep extends DatedMoment {
  readonly kind: 'wait until';
  readonly then: readonly Step[];
  readonly onPast: readonly Step[];
}

export interface WaitForStep {
  readonly kind: 'wait for';
  readonly occasions: readonly Occasion[];
  readonly upTo: Duration | DatedMoment;
  /** How the event is called afterwards; null: not said. */
  readonly as: string | null;
  readonly then: readonly Step[];
  readonly onTimeout: readonly Step[];
}

export type Step =
  | { readonly kind: 'wait'; readonly duration: Duration }
  | WaitUntilStep
  | WaitForStep
  | {
      readonly kind: 'if';
      readonly condition: Condition;
      readonly then: readonly Step[];
      readonly else: readonly Step[];
    }
  | {
      readonly kind: 'split';
      /** In the order written; together 1. */
      readonly branches: readonly {
        readonly name: string;
        readonly share: number;
        readonly steps: readonly Step[];
      }[];
    }
  | {
      readonly kind: 'repeat';
      readonly atMost: number;
      readonly while: Condition | null;
      readonly steps: readonly Step[];
    }
  /** Traits by name, in the order written. */
  | { readonly kind: 'set'; readonly traits: { readonly [name: string]: ValueTree } }
  | { readonly kind: 'emit'; readonly event: string; readonly properties: { readonly [name: string]: ValueTree } }
  | { readonly kind: 'webhook'; readonly to: string; readonly body: { readonly [name: string]: ValueTree } }
  | { readonly kind: 'pause'; readonly category: string; readonly upTo: Duration | DatedMoment }
  | { readonly kind: 'resume'; readonly category: string }
  | { readonly kind: 'unsubscribe'; readonly category: string; readonly channels: readonly Channel[] | null }
  | SendStep
  | { readonly kind: 'stop' };

export interface Rule {
  readonly name: string;
  readonly description: string | null;
  readonly category: string;
  readonly priority: number;
  /** Days (since 1970-01-01, workspace zone) on which something may start: from included, until not; null: open. */
  readonly active: { readonly from: number | null; readonly until: number | null } | 'always' | 'never';
  readonly starts: readonly Start[];
  readonly who: Condition | null;
  readonly stop: readonly Occasion[];
  readonly goal: { readonly occasions: readonly Occasion[]; readonly withinMs: number } | null;
  readonly again: Again;
  readonly whileRunning: 'ignore' | 'restart wait' | 'restart' | 'collect';
  readonly steps: readonly Step[];
  /** Share of customers that are never sent anything, 0 to 1. */
  readonly holdout: number;
  readonly tooLateAfterMs: number;
}

/** `customer.NAME` of segments.yaml, kept as events arrive. `withinMs` null: for ever. */
export type Computed = {
  readonly name: string;
  readonly events: readonly string[];
  readonly where: Condition | null;
  readonly withinMs: number | null;
} & (
  | { readonly kind: 'count' | 'first time' | 'last time' | 'average gap' }
  | { readonly kind: 'sum' | 'average' | 'min' | 'max' | 'first' | 'last'; readonly property: Path }
  | ComputedList
);

export interface ComputedList {
  readonly kind: 'list';
  /** One entry for each value of this property. */
  readonly property: Path;
  /** Events that take entries out. */
  readonly until: readonly string[];
  /** Properties that an entry keeps beside it. */
  readonly keep: readonly Path[];
  readonly atMost: number;
}

export const PROPERTY_TYPES = ['text', 'number', 'truth', 'date', 'list', 'map'] as const;

/** events.yaml. */
export interface TrackingPlan {
  readonly events: { readonly [event: string]: { readonly [property: string]: (typeof PROPERTY_TYPES)[number] } };
  /** Events about a thing → the property that names it. */
  readonly items: { readonly [event: string]: string };
  /** Only a server key may send them. */
  readonly trusted: readonly string[];
  readonly violations: 'count' | 'refuse';
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

/** Limits of one provider; null: its own default, no limit of the rate. The rate holds for all processes together. */
export interface ProviderLimits {
  readonly ratePerSecond: number | null;
  /** Attempts of one process at the same time. */
  readonly concurrency: number | null;
  /** From the permit to the answer. */
  readonly timeoutMs: number | null;
}

/** An address as written, or the name of the environment variable that holds it. */
export interface ProviderUrl {
  readonly kind: 'address' | 'environment';
  readonly value: string;
}

/** HTTP providers; `url` is the base of the API where it is not the provider's own: a gateway, a region, a test. */
interface HttpProvider extends ProviderLimits {
  readonly url: ProviderUrl | null;
}

/** How a channel leaves. Secrets (and what belongs to them) are names of environment variables, never values. */
export type ProviderSettings =
  /** `url` is the name of the environment variable that holds `smtp://user:password@host:587`. */
  | ({
      readonly kind: 'smtp';
      readonly url: string;
      readonly from: string;
      /** null: mails are not signed here. */
      readonly dkim: DkimSettings | null;
    } & ProviderLimits)
  | ({
      readonly kind: 'webhook';
      readonly url: ProviderUrl;
      readonly secret: string;
      readonly allowPrivate: boolean;
    } & ProviderLimits)
  /** `country` (ISO 3166, two letters) is that of numbers which name none. */
  | ({
      readonly kind: 'twilio';
      readonly account: string;
      readonly token: string;
      readonly from: string;
      readonly country: string | null;
    } & HttpProvider)
  | ({ readonly kind: 'telegram'; readonly token: string } & HttpProvider)
  /**
   * `phone` is the id of the sending number; `template` an approved template with one variable, the text. What is told
   * of messages is signed with `appSecret`, and its address proved with `verifyToken`; null: nothing is believed.
   */
  | ({
      readonly kind: 'whatsapp';
      readonly token: string;
      readonly phone: string;
      readonly appSecret: string | null;
      readonly verifyToken: string | null;
      readonly template: string | null;
      readonly country: string | null;
    } & HttpProvider)
  | ({ readonly kind: 'viber'; readonly token: string; readonly from: string } & HttpProvider)
  /** `account` holds the JSON of a service account. */
  | ({ readonly kind: 'fcm'; readonly account: string } & HttpProvider)
  /** The keys of VAPID; `contact` is told to the push services, `mailto:` or `https:`. */
  | ({
      readonly kind: 'web-push';
      readonly publicKey: string;
      readonly privateKey: string;
      readonly contact: string;
      readonly allowPrivate: boolean;
    } & ProviderLimits)
  /** Kept in the database, read by the storefront. */
  | { readonly kind: 'inbox' }
  /** Development: each message a file. */
  | { readonly kind: 'file'; readonly from: string | null };

/** How mails are signed. `key` is the name of the environment variable that holds the private key, or the path of a file with it. */
export interface DkimSettings {
  readonly selector: string;
  /** null: the sender's. */
  readonly domain: string | null;
  readonly key: string;
}

/** An address that a `webhook` step may call. */
export interface WebhookTarget {
  readonly url: string;
  /** Name of an environment variable; null: unsigned. */
  readonly secret: string | null;
  readonly allowPrivate: boolean;
}

export interface Settings {
  readonly timeZone: string;
  /** BCP 47, canonical: `en-US`. */
  readonly locale: string;
  readonly defaultTime: number;
  readonly graceMs: number;
  readonly salt: string;
  readonly shop: JsonObject;
  readonly channels: readonly Channel[];
  /** The first segment that holds decides the order. */
  readonly channelsBySegment: readonly { readonly segment: string; readonly channels: readonly Channel[] }[];
  readonly categories: { readonly [name: string]: Category };
  readonly caps: readonly Cap[];
  readonly onCapped: OnCapped;
  readonly quietHours: readonly QuietHours[];
  /** Share of customers that never get anything promotional, 0 to 1. */
  readonly controlGroup: number;
  readonly tracking: { readonly opens: boolean; readonly clicks: boolean };
  readonly webhooks: { readonly [name: string]: WebhookTarget };
  readonly providers: { readonly [channel in Channel]?: ProviderSettings };
}

/** One file of templates/NAME/. */
export interface TemplateFile {
  readonly path: string;
  readonly channel: Channel;
  readonly part: 'subject' | 'html' | 'text';
  readonly locale: string | null;
  readonly style: string | null;
  /** Of MJML the source too: it becomes HTML where it is compiled. */
  readonly markup: 'handlebars' | 'mjml';
  readonly source: string;
}

/** A piece that all templates may use: templates/_partials/NAME.hbs, or NAME.LOCALE.hbs. */
export interface TemplatePartial {
  readonly path: string;
  readonly name: string;
  readonly locale: string | null;
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
  /** Sorted by name. */
  readonly segments: { readonly [name: string]: Condition };
  readonly computed: { readonly [name: string]: Computed };
  /** null: there is no events.yaml. */
  readonly events: TrackingPlan | null;
  readonly templates: { readonly [name: string]: Template };
  readonly partials: readonly TemplatePartial[];
}
