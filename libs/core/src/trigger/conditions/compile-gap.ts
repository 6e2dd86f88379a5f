import type { Path } from '../../rules/model.js';
import { gapReader } from '../computed/read-computed.js';
import { compilePath } from './compile-path.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';

const DAY_MS = 86_400_000;

/** The length of an `average gap` in ms, not rounded; null: unknown. */
export function compileGap(path: Path, plans: CounterPlans): (context: ConditionContext) => number | null {
  const [name = ''] = path.names;
  const { computed } = plans.workspace;
  const definition = path.root === 'customer' && Object.hasOwn(computed, name) ? computed[name] : undefined;
  if (definition?.kind === 'average gap') {
    plans.computed.add(name);
    const gapOf = gapReader(definition, plans.workspace);
    return ({ state, now }) => gapOf(state, now);
  }
  const read = compilePath(path, plans);
  return (context) => {
    const days = read(context);
    return typeof days === 'number' ? days * DAY_MS : null;
  };
}
