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
  /** Events of this run that `as` has named. */
  named: ReadonlyMap<string, EventView> | null;
  /** `repeat.count` of the innermost `repeat` the run is in; null: in none. */
  round: number | null;
  /** Traits that this run has `set` in this very evaluation: other rules see them from the next event on. */
  overlay: ReadonlyMap<string, Json> | null;
  item: Json | undefined;
  /** In the `where` of an item event: the customer's entry before the event. */
  entry: Json | undefined;
}

export type Test = (context: ConditionContext) => boolean;

/** undefined: missing. */
export type Read = (context: ConditionContext) => Json | undefined;
