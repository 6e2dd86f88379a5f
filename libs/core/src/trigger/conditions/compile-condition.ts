import type { Condition, HistoryCondition } from '../../rules/model.js';
import { compileComparison } from './compile-comparison.js';
import type { Test } from './condition-context.js';
import { historyOfMessages } from './history-of-messages.js';
import { comparesWithStart, countWithin, type CounterPlans } from './history.js';

/** A condition as a closure; what its history conditions count is added to `counters`. Meaning: rule-language.md, Conditions. */
export function compileCondition(condition: Condition, counters: CounterPlans): Test {
  switch (condition.kind) {
    case 'all':
      return allOf(condition.conditions.map((part) => compileCondition(part, counters)));
    case 'any': {
      const tests = condition.conditions.map((part) => compileCondition(part, counters));
      return (context) => tests.some((test) => test(context));
    }
    case 'not': {
      const test = compileCondition(condition.condition, counters);
      return (context) => !test(context);
    }
    case 'compare':
      return compileComparison(condition.path, condition.comparison, counters, (part) =>
        compileCondition(part, counters),
      );
    case 'has done':
      return compileHistory(condition, counters);
    case 'segment': {
      const tests = condition.segments.map((name) => compileSegment(name, counters));
      return (context) => tests.some((test) => test(context));
    }
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return compileHistory(historyOfMessages(condition), counters);
    case 'segment':
      throw new RangeError(`not compiled yet: ${condition.kind}`);
  }
}

export function compileOptional(condition: Condition | null, counters: CounterPlans): Test | null {
  return condition === null ? null : compileCondition(condition, counters);
}

/**
 * Whether the customer is in this segment, at the context's `now`.
 * @throws RangeError where there is no such segment, or it is defined by itself: readers refuse both
 */
export function compileSegment(name: string, counters: CounterPlans): Test {
  const known = counters.segments.get(name);
  if (known !== undefined) return known;
  const { segments } = counters.workspace;
  if (!Object.hasOwn(segments, name)) throw new RangeError(`there is no segment ${name}`);
  counters.segments.set(name, () => {
    throw new RangeError(`segment ${name} is defined by itself`);
  });
  const test = compileCondition(segments[name]!, counters);
  counters.segments.set(name, test);
  return test;
}

function allOf(tests: readonly Test[]): Test {
  if (tests.length === 1) return tests[0]!;
  return (context) => {
    for (const test of tests) if (!test(context)) return false;
    return true;
  };
}

function compileHistory(condition: HistoryCondition, counters: CounterPlans): Test {
  const where = compileOptional(condition.where, counters);
  const fingerprint = counters.add(condition, where);
  const lateWhere = comparesWithStart(condition.where) ? where : null;
  const atLeast = condition.atLeast ?? (condition.atMost === null ? 1 : 0);
  const atMost = condition.atMost ?? Infinity;
  return (context) => {
    const counter = context.state.counters.get(fingerprint);
    const counted = counter === undefined ? 0 : countWithin(condition, counter, lateWhere, context);
    return (counted >= atLeast && counted <= atMost) !== condition.negated;
  };
}
