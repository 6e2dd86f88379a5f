import type { Path } from '../../rules/model.js';
import { compilePath } from './compile-path.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';

const DAY_MS = 86_400_000;

/** The length of an `average gap` in ms, not rounded; null: unknown. */
export function compileGap(path: Path, plans: CounterPlans): (context: ConditionContext) => number | null {
  const read = compilePath(path, plans);
  return (context) => {
    const days = read(context);
    return typeof days === 'number' ? days * DAY_MS : null;
  };
}
