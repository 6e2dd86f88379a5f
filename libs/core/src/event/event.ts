/** Any value that JSON can say. Properties and traits are kept as they came. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

/** The calls of the Segment specification, https://segment.com/docs/connections/spec/ */
export type CallType = 'track' | 'identify' | 'page' | 'screen' | 'alias' | 'group';

/** What one call says of consent: category → all channels, none, or a list of channels (interfaces.md, Customers in a file). */
export type ConsentPreferences = { readonly [category: string]: boolean | readonly string[] };

/**
 * An event of one customer as the rules see it, after the position-dependent corrections of the stream
 * (a timestamp more than 5 minutes ahead of the append time is the append time itself).
 */
export interface CustomerEvent {
  /** messageId, or `topic/partition/offset` where the producer gave none: what de-duplication compares. */
  readonly id: string;
  readonly type: CallType;
  /** The event's name of a track call; null for the other calls. */
  readonly name: string | null;
  /** userId, else anonymousId. */
  readonly customer: string;
  /** `customer` is a userId; absent: an anonymousId. */
  readonly named?: boolean;
  /** Another id that the call says is the same customer's; absent: none. */
  readonly other?: OtherId;
  /** Event time in whole milliseconds since 1970 UTC. */
  readonly time: number;
  readonly properties: JsonObject;
  /** Traits of identify (and of `context.traits`); null where the call carries none. */
  readonly traits: JsonObject | null;
  readonly consent: ConsentPreferences | null;
  /** A mobile device's push token from `context.device`, if the call carries one. */
  readonly pushToken: string | null;
  /** Imported history: fills profile and counters, starts nothing (rule-language.md, Exact meaning 10). */
  readonly historical: boolean;
  /** How many `emit`s of rules led to it; absent: it came from outside. */
  readonly hops?: number;
}

/** Another id of the customer, as a call names it beside hers. */
export interface OtherId {
  readonly id: string;
  /** `device`: the anonymousId beside a userId; `alias`: the previousId of an `alias`, which may be a userId as well. */
  readonly kind: 'device' | 'alias';
}

/** An event about a thing, of no customer: a price that changed, something that is back in stock. */
export interface ItemEvent {
  readonly id: string;
  readonly name: string;
  /** What the thing is known by, as text, as entries of lists are. */
  readonly item: string;
  /** Event time in whole milliseconds since 1970 UTC. */
  readonly time: number;
  readonly properties: JsonObject;
  /** Imported history: starts nothing. */
  readonly historical: boolean;
  /** How many `emit`s of rules led to it; absent: it came from outside. */
  readonly hops?: number;
}

/** What a run, a message or a template keeps of an event. */
export interface EventSnapshot {
  readonly id: string;
  readonly name: string | null;
  /** Event time, ms since 1970 UTC. */
  readonly time: number;
  readonly properties: JsonObject;
}
