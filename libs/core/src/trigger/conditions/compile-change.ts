import type { Json, JsonObject } from '../../event/event.js';
import { propertyReader } from '../../event/read-property.js';
import type { Comparison, Path } from '../../rules/model.js';
import { millionthsOf } from '../computed/millionths.js';
import { compileOperand, compilePath } from './compile-path.js';
import type { Test } from './condition-context.js';
import type { CounterPlans } from './history.js';

type Change = Extract<Comparison, { operator: 'dropped by' | 'rose by' }>;

/**
 * `dropped by`, `rose by`: at least so much against the same property of the customer's entry, both in whole millionths,
 * so that 10% of 29.90 is what people take it for.
 */
export function compileChange(path: Path, { operator, least }: Change, plans: CounterPlans): Test {
  const read = compilePath(path, plans);
  const readEntry = propertyReader(path.names);
  const readLeast = least.kind === 'share' ? null : compileOperand(least, plans);
  const share = least.kind === 'share' ? BigInt(Math.round(least.share * 1e6)) : 0n;
  return (context) => {
    const { entry } = context;
    if (!isObject(entry)) return false;
    const before = millionthsOf(readEntry({ time: context.now, properties: entry }));
    const after = millionthsOf(read(context));
    if (before === null || after === null) return false;
    const by = operator === 'dropped by' ? before - after : after - before;
    if (readLeast === null) return by * 1_000_000n >= share * before;
    const wanted = millionthsOf(readLeast(context));
    return wanted !== null && by >= wanted;
  };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
