import type { CustomerState } from '../../customer/customer-state.js';
import type { Json, JsonObject } from '../../event/event.js';

/** An event as conditions see it: the one that is being processed, or one that the state keeps. */
export interface EventView {
  /** Event time, ms. */
  readonly time: number;
  readonly properties: JsonObject;
}

/** What a condition is judged on. One object serves a whole evaluation and is filled anew for each question. */
export interface ConditionContext {
  readonly state: CustomerState;
  /** Zone of customers without one of their own. */
  readonly timeZone: string;
  /** Minutes after midnight: what a plain date means. */
  readonly defaultTime: number;
  /** ms; the event's time, the step's due time, or the moment of delivery. Never a clock of ours. */
  now: number;
  event: EventView | null;
  start: EventView | null;
  starts: readonly EventView[] | null;
  /** ms; what `since: start` counts from. */
  startedAt: number;
  item: Json | undefined;
}

export type Test = (context: ConditionContext) => boolean;

/** undefined: missing. */
export type Read = (context: ConditionContext) => Json | undefined;
