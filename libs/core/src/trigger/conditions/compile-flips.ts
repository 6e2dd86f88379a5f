import type { Comparison, Condition, HistoryCondition, Moment, Operand, Path } from '../../rules/model.js';
import { computedReader } from '../computed/read-computed.js';
import type { ConditionContext, Read } from './condition-context.js';
import { compileMoment } from './compile-moment.js';
import { compilePath } from './compile-path.js';
import { counterFingerprint } from './counter-fingerprint.js';
import { historyOfMessages } from './history-of-messages.js';
import { comparesWithStart, type CounterPlans } from './history.js';
import { readMoment } from './read-moment.js';

/**
 * The earliest instant after the context's `now` at which time alone may change whether a condition holds, ms; Infinity:
 * never. It may be too early: then it is only asked again.
 */
export type Flips = (context: ConditionContext) => number;

/** null: time alone never changes it. */
export function compileFlips(condition: Condition, plans: CounterPlans): Flips | null {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return earliest(condition.conditions.map((part) => compileFlips(part, plans)));
    case 'not':
      return compileFlips(condition.condition, plans);
    case 'compare':
      return earliest([
        flipsOfPath(condition.path, plans),
        flipsOfComparison(condition.path, condition.comparison, plans),
      ]);
    case 'segment':
      return earliest(condition.segments.map((name) => compileFlips(plans.workspace.segments[name]!, plans)));
    case 'has done':
      return flipsOfHistory(condition, plans);
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return flipsOfHistory(historyOfMessages(condition), plans);
  }
}

function earliest(parts: readonly (Flips | null)[]): Flips | null {
  const some = parts.filter((part) => part !== null);
  if (some.length < 2) return some[0] ?? null;
  return (context) => some.reduce((soonest, part) => Math.min(soonest, part(context)), Infinity);
}

function flipsOfPath(path: Path, plans: CounterPlans): Flips | null {
  const name = path.root === 'customer' ? path.names[0] : undefined;
  if (name === undefined || !Object.hasOwn(plans.workspace.computed, name)) return null;
  const { changesAt } = computedReader(plans.workspace.computed[name]!, plans.workspace);
  return changesAt && (({ state, now }) => changesAt(state, now));
}

function flipsOfOperand(operand: Operand, plans: CounterPlans): Flips | null {
  return operand.kind === 'path' ? flipsOfPath(operand.path, plans) : null;
}

function flipsOfComparison(path: Path, comparison: Comparison, plans: CounterPlans): Flips | null {
  switch (comparison.operator) {
    case 'in':
    case 'not in':
    case 'contains any':
      return earliest(comparison.values.map((value) => flipsOfOperand(value, plans)));
    case 'between':
      return earliest([flipsOfOperand(comparison.low, plans), flipsOfOperand(comparison.high, plans)]);
    case 'matches':
    case 'exists':
    case 'dropped by':
    case 'rose by':
      return null;
    case 'within last':
      return crossings(compilePath(path, plans), [0, comparison.durationMs]);
    case 'within next':
      return crossings(compilePath(path, plans), [1 - comparison.durationMs, 1]);
    case 'before':
    case 'after':
      return flipsOfMoment(compilePath(path, plans), comparison.value, plans);
    case 'any item':
    case 'every item':
      return flipsOfItems(compilePath(path, plans), compileFlips(comparison.condition, plans));
    default:
      return flipsOfOperand(comparison.value, plans);
  }
}

/** When `now` reaches the moment and so many ms. */
function crossings(read: Read, offsets: readonly number[]): Flips {
  return (context) => {
    const moment = readMoment(read(context), context);
    if (moment === null) return Infinity;
    return offsets.reduce((soonest, offset) => {
      const at = moment + offset;
      return at > context.now ? Math.min(soonest, at) : soonest;
    }, Infinity);
  };
}

function flipsOfMoment(read: Read, moment: Operand | Moment, plans: CounterPlans): Flips | null {
  switch (moment.kind) {
    case 'literal':
    case 'day':
    case 'instant':
      return null;
    case 'path':
    case 'beside':
      return flipsOfPath(moment.path, plans);
    case 'later':
      return crossings(read, [-moment.duration.ms, 1 - moment.duration.ms]);
    case 'time of day':
    case 'weekdays':
      return nextOf(moment, plans);
  }
}

/** The next ten o'clock stays the same until it is reached. */
function nextOf(moment: Moment, plans: CounterPlans): Flips {
  const resolve = compileMoment({ moment, at: null }, plans);
  return (context) => {
    const at = resolve(context, context.now);
    return at === null || at <= context.now ? Infinity : at;
  };
}

function flipsOfItems(read: Read, flips: Flips | null): Flips | null {
  if (flips === null) return null;
  return (context) => {
    const list = read(context);
    if (!Array.isArray(list)) return Infinity;
    const outer = context.item;
    let soonest = Infinity;
    for (const item of list) {
      context.item = item as typeof outer;
      soonest = Math.min(soonest, flips(context));
    }
    context.item = outer;
    return soonest;
  };
}

function flipsOfHistory(condition: HistoryCondition, plans: CounterPlans): Flips | null {
  const { events, where, withinMs } = condition;
  if (withinMs === null) return null;
  const fingerprint = counterFingerprint([...new Set(events)].sort(), where, plans.workspace);
  const late = comparesWithStart(where);
  return ({ state, now }) => {
    const counter = state.counters.get(fingerprint);
    if (counter === undefined) return Infinity;
    const times = late ? counter.events.map(({ time }) => time) : counter.times;
    const next = times.find((time) => now - time < withinMs);
    return next === undefined ? Infinity : next + withinMs;
  };
}
