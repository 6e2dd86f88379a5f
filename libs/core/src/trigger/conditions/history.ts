import type { Counter } from '../../customer/customer-state.js';
import { StoredEvent } from '../../customer/stored-event.js';
import type { CustomerEvent, Json, JsonObject } from '../../event/event.js';
import type { Computed, Condition, HistoryCondition, Path } from '../../rules/model.js';
import { NO_DEFINITIONS, type Definitions } from '../computed/definitions.js';
import { counterFingerprint } from './counter-fingerprint.js';
import { dependsOnEventOnly, pathsOf } from './condition-needs.js';
import type { ConditionContext, Test } from './condition-context.js';

/** Events kept for a `where` that compares with `start.*` (rule-language.md, Conditions). */
export const KEPT_EVENTS = 50;

/**
 * One thing that history conditions count: events of some names that satisfy a `where`. Conditions of several rules
 * share it when they mean the same, and it keeps its fingerprint, and so its counts, from one ruleset to the next.
 */
export interface CounterPlan {
  readonly fingerprint: number;
  readonly names: readonly string[];
  /** Judged when the event arrives; null: all events count. */
  readonly where: Test | null;
  /** A refused `where` is refused again when the same event comes a second time. */
  readonly whereIsFinal: boolean;
  /** Judged anew for each question, since it compares with `start.*`: these properties of the events are kept. */
  readonly keeps: readonly string[] | null;
  /** How many event times the conditions need. */
  readonly keptTimes: number;
}

/** Collects what the history conditions of a ruleset count. */
export class CounterPlans {
  /** @param workspace what `customer.NAME` and `segment` may mean beside traits */
  constructor(readonly workspace: Definitions = NO_DEFINITIONS) {}

  readonly #plans = new Map<number, { plan: CounterPlan; keptTimes: number }>();
  /** Names of computed attributes that conditions, values and durations read; in the order in which they were met. */
  readonly computed = new Set<string>();
  /** Segments as tests, so that one that several conditions name is compiled once. */
  readonly segments = new Map<string, Test>();

  /** Adds what this condition needs; returns the plan's fingerprint. */
  add(condition: HistoryCondition, where: Test | null): number {
    const names = [...new Set(condition.events)].sort();
    const fingerprint = counterFingerprint(names, condition.where, this.workspace);
    const keptTimes = neededTimes(condition);
    const known = this.#plans.get(fingerprint);
    if (known !== undefined) {
      known.keptTimes = Math.max(known.keptTimes, keptTimes);
      return fingerprint;
    }
    const late = comparesWithStart(condition.where);
    const plan: CounterPlan = {
      fingerprint,
      names,
      where: late ? null : where,
      whereIsFinal: condition.where === null || late || dependsOnEventOnly(condition.where),
      keeps: late ? keptProperties(condition.where!) : null,
      keptTimes,
    };
    this.#plans.set(fingerprint, { plan, keptTimes });
    return fingerprint;
  }

  /** Adds a count for ever, which is a computed attribute or a large count of a condition. */
  addTotal({ events, where: condition }: Pick<Computed, 'events' | 'where'>, where: Test | null): void {
    const history = { atLeast: 1, atMost: null, withinMs: null, sinceStart: false } as const;
    this.add({ kind: 'has done', negated: false, events, where: condition, ...history }, where);
  }

  all(): CounterPlan[] {
    return [...this.#plans.values()].map(({ plan, keptTimes }) => ({ ...plan, keptTimes }));
  }
}

/** Whether the condition's `where` can only be judged together with the run's start. */
export function comparesWithStart(where: Condition | null): boolean {
  return where !== null && pathsOf(where).some((path) => path.root === 'start' || path.root === 'starts');
}

/** Takes an event into a counter; times and events stay in ascending order of event time, the newest are kept. */
export function count(plan: CounterPlan, counter: Counter, event: CustomerEvent): void {
  counter.total++;
  if (plan.keptTimes > 0) {
    insertByTime(counter.times, event.time, (time) => time);
    if (counter.times.length > plan.keptTimes) counter.times.splice(0, counter.times.length - plan.keptTimes);
  }
  if (plan.keeps !== null) {
    const kept = StoredEvent.of({
      id: '',
      name: null,
      time: event.time,
      properties: pick(event.properties, plan.keeps),
    });
    insertByTime(counter.events, kept, (stored) => stored.time);
    if (counter.events.length > KEPT_EVENTS) counter.events.splice(0, counter.events.length - KEPT_EVENTS);
  }
}

/**
 * Takes in what was counted under another id of the same customer.
 * @param plan undefined: nobody asks any more, so nothing is cut
 */
export function joinCounters(plan: CounterPlan | undefined, counter: Counter, other: Counter): void {
  counter.total += other.total;
  counter.times = newest(
    [...counter.times, ...other.times].sort((a, b) => a - b),
    plan?.keptTimes,
  );
  counter.events = newest(
    [...counter.events, ...other.events].sort((a, b) => a.time - b.time),
    KEPT_EVENTS,
  );
}

function newest<T>(list: T[], most = Infinity): T[] {
  return list.length > most ? list.slice(list.length - most) : list;
}

/** How many of the counted events lie in the condition's window; exact as far as the condition asks. */
export function countWithin(
  condition: HistoryCondition,
  counter: Counter,
  lateWhere: Test | null,
  context: ConditionContext,
): number {
  const { withinMs, sinceStart } = condition;
  const inWindow = (time: number): boolean =>
    (withinMs === null || context.now - time < withinMs) && (!sinceStart || time >= context.startedAt);
  if (lateWhere !== null)
    return counter.events.filter((event) => inWindow(event.time) && testPast(lateWhere, event, context)).length;
  if (withinMs === null && !sinceStart) return counter.total;
  return counter.times.filter(inWindow).length;
}

function testPast(where: Test, event: StoredEvent, context: ConditionContext): boolean {
  const outer = context.event;
  context.event = event;
  const holds = where(context);
  context.event = outer;
  return holds;
}

function neededTimes(condition: HistoryCondition): number {
  if (comparesWithStart(condition.where)) return 0;
  if (condition.withinMs === null && !condition.sinceStart) return 0;
  return Math.max(condition.atLeast ?? 1, condition.atMost === null ? 0 : condition.atMost + 1);
}

function keptProperties(where: Condition): string[] {
  const ofEvent = (path: Path): boolean => path.root === 'event' && path.names.length > 0;
  return [
    ...new Set(
      pathsOf(where)
        .filter(ofEvent)
        .map((path) => path.names[0]!),
    ),
  ].sort();
}

function pick(properties: JsonObject, names: readonly string[]): JsonObject {
  const entries: [string, Json][] = [];
  for (const name of names) {
    const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (value !== undefined) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

/** Behind those of the same time: of equals the later in the stream counts as newer. */
function insertByTime<T>(list: T[], item: T, timeOf: (item: T) => number): void {
  let at = list.length;
  while (at > 0 && timeOf(list[at - 1]!) > timeOf(item)) at--;
  list.splice(at, 0, item);
}
