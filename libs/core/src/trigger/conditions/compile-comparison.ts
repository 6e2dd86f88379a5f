import { RE2JS } from 're2js';
import type { Json } from '../../event/event.js';
import type { Comparison, Condition, Moment, Operand, Path } from '../../rules/model.js';
import { containsValue, equalValues, nfc } from './compare-values.js';
import { compileChange } from './compile-change.js';
import { compileMoment, type ReadDatedMoment } from './compile-moment.js';
import { compileOperand, compilePath } from './compile-path.js';
import type { ConditionContext, Read, Test } from './condition-context.js';
import type { CounterPlans } from './history.js';
import { readMoment } from './read-moment.js';

const ORDERS = {
  'at least': (left: number, right: number) => left >= right,
  'at most': (left: number, right: number) => left <= right,
  'more than': (left: number, right: number) => left > right,
  'less than': (left: number, right: number) => left < right,
};

const PARTS = {
  contains: containsValue,
  'starts with': (whole: Json | undefined, part: Json | undefined) =>
    typeof whole === 'string' && typeof part === 'string' && nfc(whole).startsWith(nfc(part)),
  'ends with': (whole: Json | undefined, part: Json | undefined) =>
    typeof whole === 'string' && typeof part === 'string' && nfc(whole).endsWith(nfc(part)),
};

/**
 * The value of `path` against one operator. A missing value is not equal to anything: `not`, `not in` and `exists: false`
 * hold, every other comparison is false.
 */
export function compileComparison(
  path: Path,
  comparison: Comparison,
  plans: CounterPlans,
  compile: (condition: Condition) => Test,
): Test {
  const read = compilePath(path, plans);
  switch (comparison.operator) {
    case 'equals':
      return equals(read, plans, comparison.value);
    case 'not':
      return negated(equals(read, plans, comparison.value));
    case 'in':
      return anyEqual(read, plans, comparison.values);
    case 'not in':
      return negated(anyEqual(read, plans, comparison.values));
    case 'at least':
    case 'at most':
    case 'more than':
    case 'less than':
      return ordered(read, plans, comparison.value, ORDERS[comparison.operator]);
    case 'between':
      return between(read, plans, comparison.low, comparison.high);
    case 'contains':
    case 'starts with':
    case 'ends with':
      return pair(read, plans, comparison.value, PARTS[comparison.operator]);
    case 'contains any':
      return containsAny(read, plans, comparison.values);
    case 'matches':
      return matches(read, comparison.pattern);
    case 'exists':
      return (context) => (read(context) !== undefined) === comparison.expected;
    case 'before':
      return moments(read, plans, comparison.value, (left, right) => left < right);
    case 'after':
      return moments(read, plans, comparison.value, (left, right) => left > right);
    case 'within last':
      return fromNow(read, (age) => age >= 0 && age < comparison.durationMs);
    case 'within next':
      return fromNow(read, (age) => age <= 0 && -age < comparison.durationMs);
    case 'dropped by':
    case 'rose by':
      return compileChange(path, comparison, plans);
    case 'any item':
      return items(read, compile(comparison.condition), (list, holds) => list.some(holds));
    case 'every item':
      return items(read, compile(comparison.condition), (list, holds) => list.every(holds));
  }
}

function equals(read: Read, plans: CounterPlans, operand: Operand): Test {
  if (operand.kind === 'path')
    return pair(read, plans, operand, (left, right) => anyOf(right, (one) => equalValues(left, one)));
  const value = typeof operand.value === 'string' ? nfc(operand.value) : operand.value;
  return (context) => equalValues(read(context), value);
}

function anyEqual(read: Read, plans: CounterPlans, operands: readonly Operand[]): Test {
  const tests = operands.map((operand) => equals(read, plans, operand));
  return (context) => tests.some((test) => test(context));
}

function containsAny(read: Read, plans: CounterPlans, operands: readonly Operand[]): Test {
  const tests = operands.map((value) =>
    pair(read, plans, value, (whole, part) => anyOf(part, (one) => containsValue(whole, one))),
  );
  return (context) => tests.some((test) => test(context));
}

/** A path may lead to a list, which means "one of these" as a list that is written does. */
function anyOf(value: Json | undefined, test: (one: Json | undefined) => boolean): boolean {
  return Array.isArray(value) ? value.some((one) => test(one as Json)) : test(value);
}

function negated(test: Test): Test {
  return (context) => !test(context);
}

function pair(
  read: Read,
  plans: CounterPlans,
  operand: Operand,
  holds: (left: Json | undefined, right: Json | undefined) => boolean,
): Test {
  const readOperand = compileOperand(operand, plans);
  return (context) => holds(read(context), readOperand(context));
}

function ordered(
  read: Read,
  plans: CounterPlans,
  operand: Operand,
  holds: (left: number, right: number) => boolean,
): Test {
  return pair(
    read,
    plans,
    operand,
    (left, right) => typeof left === 'number' && typeof right === 'number' && holds(left, right),
  );
}

function between(read: Read, plans: CounterPlans, low: Operand, high: Operand): Test {
  const notBelow = ordered(read, plans, low, ORDERS['at least']);
  const notAbove = ordered(read, plans, high, ORDERS['at most']);
  return (context) => notBelow(context) && notAbove(context);
}

function matches(read: Read, pattern: string): Test {
  const expression = RE2JS.compile(pattern);
  return (context) => {
    const value = read(context);
    return typeof value === 'string' && expression.matcher(nfc(value)).find();
  };
}

function moments(
  read: Read,
  plans: CounterPlans,
  operand: Operand | Moment,
  holds: (left: number, right: number) => boolean,
): Test {
  const readOther = compileOther(operand, plans);
  return (context) => {
    const left = readMoment(read(context), context);
    const right = left === null ? null : readOther(context, context.now);
    return left !== null && right !== null && holds(left, right);
  };
}

function compileOther(operand: Operand | Moment, plans: CounterPlans): ReadDatedMoment {
  if (operand.kind !== 'literal' && operand.kind !== 'path') return compileMoment({ moment: operand, at: null }, plans);
  const readOperand = compileOperand(operand, plans);
  return (context) => readMoment(readOperand(context), context);
}

function fromNow(read: Read, holds: (age: number) => boolean): Test {
  return (context) => {
    const moment = readMoment(read(context), context);
    return moment !== null && holds(context.now - moment);
  };
}

function items(
  read: Read,
  test: Test,
  quantify: (list: readonly Json[], holds: (item: Json) => boolean) => boolean,
): Test {
  return (context) => {
    const list = read(context);
    if (!Array.isArray(list)) return false;
    const outer = context.item;
    const holds = quantify(list as readonly Json[], (item) => testItem(test, context, item));
    context.item = outer;
    return holds;
  };
}

function testItem(test: Test, context: ConditionContext, item: Json): boolean {
  context.item = item;
  return test(context);
}
