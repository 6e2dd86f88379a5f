import type { Timer } from './timer.js';
import type { Json } from '../event/event.js';
import { newCalendarState, type CalendarState } from './calendar-state.js';
import { isNothingComputed, newComputedState, type ComputedState } from './computed-state.js';
import { isNobodyElse, newIdentityState, TOMBSTONE_MS, type IdentityState } from './identity-state.js';
import { SeenIds } from './seen-ids.js';
import type { StoredEvent } from './stored-event.js';
import { textFingerprint } from './text-hash.js';
import { Traits } from './traits.js';

export type { Timer } from './timer.js';

/** null for rules without a key, a list for rules with several. */
export type RunKey = string | readonly string[] | null;

/** All that the engine remembers of one customer; changed in place by `applyEvent` and `fireTimers`. */
export interface CustomerState {
  /** Canonical id: userId, else anonymousId. */
  readonly id: string;
  readonly traits: Traits;
  /** Active runs, in the order (rule, key). */
  readonly runs: Run[];
  /** Runs that have ended while messages of theirs may not have left yet: `stop` and `goal` still withdraw those. */
  readonly ended: Run[];
  /** Latest accepted starts, for `again`. */
  readonly accepted: AcceptedStart[];
  /** What the history conditions of live rules count, by the fingerprint of what is counted. */
  readonly counters: Map<number, Counter>;
  /** `inactive`: the latest event of each kind that a rule waits to miss, by the fingerprint of rule and kind. */
  readonly silences: Map<number, Silence>;
  readonly seen: SeenIds;
  /** `date` and `every`. */
  readonly calendar: CalendarState;
  /** Computed attributes and segments. */
  readonly computed: ComputedState;
  /** Of categories, by runs (`pause`). */
  readonly pauses: Pause[];
  /** Traits that were `set` since the latest event, in the order of writing. */
  readonly written: WrittenTrait[];
  /** Ruleset whose counters and silences these are; what only an older one knew is dropped when it changes. */
  ruleset: number;
  /** Who she is beside `id`. */
  readonly identity: IdentityState;
}

export interface Run extends Timer {
  readonly rule: string;
  readonly version: number;
  readonly key: RunKey;
  /** null: the id of `start`, as long as that is the event the run began with. */
  occurrence: string | null;
  start: StoredEvent;
  /** ms; what `goal … within` and `since: start` count from. */
  startedAt: number;
  /** All start events, the latest 50; null where nothing asks for them. */
  starts: StoredEvent[] | null;
  readonly heldOut: boolean;
  /** Index of the step it stands at, in the flattened steps of its rule version. */
  node: number;
  /** Id of the customer when it began, from which the ids of its messages follow; null: that of the state. */
  customer: string | null;
  /** The step has not been reached: its time is ahead of the stream's clock. */
  held: boolean;
  /** Messages that may not have left yet. */
  messages: OpenMessageRef[];
  /** Of each template that an occasion of the rule names (`opened: …`), the message the run has planned last. */
  latest: readonly LatestMessage[];
  /** The events that `as` has named; null: none. */
  named: Map<string, StoredEvent> | null;
  /** What was drawn when the run began, for each `split` and `variants` of the rule: the place of the branch. */
  readonly draws: readonly number[];
  /** `repeat.count` of each `repeat` the run is in, the outermost first. */
  rounds: number[];
  /** How many `emit`s led to this run. */
  hops: number;
  /** The moment it waits for; null: for none. */
  until: MomentWait | null;
}

/** A wait for a moment, which moves with what the moment is read from. All ms, event time. */
export interface MomentWait {
  /** When the step was reached. */
  readonly reachedAt: number;
  /** The moment as it was read last; null: its path leads to no date. */
  readonly moment: number | null;
}

export interface LatestMessage {
  readonly template: string;
  readonly id: string;
  /** It was suppressed or has failed: nobody will open it. */
  readonly gone: boolean;
}

/**
 * A trait that a run has `set`: its own next steps see it, the conditions of other rules from the next event on, so that
 * the order of rules does not matter (rule-language.md, Exact meaning 3).
 */
export interface WrittenTrait {
  readonly name: string;
  readonly value: Json;
  /** Event time of the step, ms. */
  readonly time: number;
  /** Fingerprint of the run. */
  readonly run: number;
}

/** Nothing of a category is sent for a while. */
export interface Pause {
  readonly category: string;
  /** ms, event time; not included. */
  readonly until: number;
  /** Fingerprint of the run that paused it: its `resume` ends no other. */
  readonly run: number;
}

export interface OpenMessageRef {
  readonly id: string;
  /** Log time after which it can no longer be waiting, ms (`openUntil`). */
  readonly until: number;
}

export interface AcceptedStart {
  readonly rule: string;
  /** Fingerprint of the run's key; 0 stands for any key (`per customer`). */
  readonly key: number;
  /** Event time of the latest one, ms. */
  time: number;
}

export interface Counter {
  total: number;
  /** Event times, ascending: the newest that the conditions need. */
  times: number[];
  /** Newest events with the fields that a `where` compares with `start.*`, ascending by time. */
  events: StoredEvent[];
}

export interface Silence extends Timer {
  /** The latest such event. */
  last: StoredEvent;
  /** It has lasted: it starts nothing more until the next such event. */
  over: boolean;
}

export function newCustomerState(id: string): CustomerState {
  return {
    id,
    traits: new Traits(),
    runs: [],
    ended: [],
    accepted: [],
    counters: new Map(),
    silences: new Map(),
    seen: new SeenIds(),
    calendar: newCalendarState(),
    computed: newComputedState(),
    pauses: [],
    written: [],
    ruleset: 0,
    identity: newIdentityState(),
  };
}

/** Nothing is remembered: the row can be deleted. */
export function isEmpty(state: CustomerState): boolean {
  return isNobodyElse(state.identity) && isUnknown(state);
}

/** Nothing is known of her but, perhaps, her ids: whatever she does next, she does first. */
export function isUnknown(state: CustomerState): boolean {
  return (
    state.runs.length === 0 &&
    state.ended.length === 0 &&
    state.accepted.length === 0 &&
    state.seen.size === 0 &&
    state.counters.size === 0 &&
    state.silences.size === 0 &&
    state.calendar.timers.size === 0 &&
    state.pauses.length === 0 &&
    state.written.length === 0 &&
    state.traits.isEmpty &&
    isNothingComputed(state.computed)
  );
}

/** The earliest position on the stream's clock at which a timer fires, ms; Infinity without timers. */
export function nextFire(state: CustomerState): number {
  let earliest = state.computed.flip.fireAt;
  const { erased } = state.identity;
  if (erased !== null && erased + TOMBSTONE_MS < earliest) earliest = erased + TOMBSTONE_MS;
  for (const run of state.runs) if (run.fireAt < earliest) earliest = run.fireAt;
  for (const silence of state.silences.values()) if (silence.fireAt < earliest) earliest = silence.fireAt;
  for (const timer of state.calendar.timers.values()) if (timer.fireAt < earliest) earliest = timer.fireAt;
  return earliest;
}

/** Reserved trait: tokens of mobile devices (`context.device.token`), a list of texts, newest last. */
export const PUSH_TOKENS = '$push_tokens';

/** Traits by name, as templates and delivery see them: what runs have `set` and `$push_tokens` among them. */
export function traitsOf(state: CustomerState): { readonly [name: string]: Json } {
  const entries: [string, Json][] = [];
  for (const name of state.traits.names()) {
    const value = state.traits.get(name);
    if (value !== undefined) entries.push([name, value]);
  }
  if (state.written.length === 0) return Object.fromEntries(entries);
  const traits = new Map(entries);
  for (const { name, value, time } of state.written) {
    if (!state.traits.takes(name, time)) continue;
    if (value === null) traits.delete(name);
    else traits.set(name, value);
  }
  return Object.fromEntries(traits);
}

/** The id under which the run began. */
export function customerOf(state: CustomerState, run: Run): string {
  return run.customer ?? state.id;
}

/** The id of the event that started the run, or the instant for runs that no event started. */
export function occurrenceOf(run: Run): string {
  return run.occurrence ?? run.start.id;
}

/** Until when nothing of this category is sent, as runs have paused it, ms: the longest pause holds; null: not paused. */
export function pausedUntil(state: CustomerState, category: string, now: number): number | null {
  let latest = now;
  for (const pause of state.pauses) if (pause.category === category && pause.until > latest) latest = pause.until;
  return latest > now ? latest : null;
}

/** What stands for a run of this customer where only sameness matters. */
export function runFingerprint(rule: string, key: RunKey, occurrence: string): number {
  return textFingerprint(JSON.stringify([rule, key, occurrence]));
}

/** The traits that a run has `set` and no other sees yet; null: none. */
export function traitsWrittenBy(
  state: CustomerState,
  rule: string,
  key: RunKey,
  occurrence: string,
): ReadonlyMap<string, Json> | null {
  if (state.written.length === 0) return null;
  const own = runFingerprint(rule, key, occurrence);
  let traits: Map<string, Json> | null = null;
  for (const { name, value, run } of state.written)
    if (run === own) traits = (traits ?? new Map<string, Json>()).set(name, value);
  return traits;
}
