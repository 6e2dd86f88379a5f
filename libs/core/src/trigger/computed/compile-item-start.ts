import type { ItemStart } from '../../rules/model.js';
import type { ItemStartPlan } from '../compiled-rule.js';
import { compileOptional } from '../conditions/compile-condition.js';
import type { CounterPlans } from '../conditions/history.js';
import { entryOf } from './keep-list.js';
import { computedFingerprint } from './read-computed.js';

/** @throws RangeError where `in` names no computed list: readers refuse it */
export function compileItemStart(start: ItemStart, plans: CounterPlans): ItemStartPlan {
  const { computed } = plans.workspace;
  const name = start.list.names[0] ?? '';
  const definition = Object.hasOwn(computed, name) ? computed[name] : undefined;
  if (definition?.kind !== 'list') throw new RangeError(`${start.list.text} is no computed list`);
  plans.computed.add(name);
  const list = computedFingerprint(definition, plans.workspace);
  const { withinMs } = definition;
  return {
    names: new Set(start.events),
    list,
    entryOf(state, id, now) {
      const kept = state.computed.kept.get(list);
      return kept === undefined ? undefined : entryOf(kept, id, withinMs, now);
    },
    where: compileOptional(start.where, plans),
    condition: start.where,
  };
}
