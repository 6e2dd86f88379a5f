import type { Path } from '../../rules/model.js';
import { gapReader } from '../computed/read-computed.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';

/**
 * The length of an `average gap` in whole ms, as all times are; null: unknown.
 * @throws RangeError where the path leads to nothing of that kind: readers refuse it
 */
export function compileGap(
  { root, names, text }: Path,
  plans: CounterPlans,
): (context: ConditionContext) => number | null {
  const [name = ''] = names;
  const { computed } = plans.workspace;
  const definition = root === 'customer' && Object.hasOwn(computed, name) ? computed[name] : undefined;
  if (definition?.kind !== 'average gap') throw new RangeError(`${text} is no average gap`);
  plans.computed.add(name);
  const read = gapReader(definition, plans.workspace);
  return ({ state, now }) => {
    const gap = read(state, now);
    return gap === null ? null : Math.round(gap);
  };
}
