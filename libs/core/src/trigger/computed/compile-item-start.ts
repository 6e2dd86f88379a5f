import type { ItemStart } from '../../rules/model.js';
import type { CompiledRule, ItemStartPlan } from '../compiled-rule.js';
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

/** What there is to do for events about things, by their name; rules in their order. */
export function itemStartsByName(
  rules: readonly CompiledRule[],
): Map<string, { readonly rule: CompiledRule; readonly starts: readonly ItemStartPlan[] }[]> {
  const names = new Set(rules.flatMap((rule) => rule.itemStarts.flatMap((start) => [...start.names])));
  return new Map(
    [...names].map((name) => {
      const all = rules.map((rule) => ({ rule, starts: rule.itemStarts.filter((start) => start.names.has(name)) }));
      return [name, all.filter(({ starts }) => starts.length > 0)];
    }),
  );
}
