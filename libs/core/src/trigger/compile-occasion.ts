import type { Occasion } from '../rules/model.js';
import type { CompiledOccasion } from './compiled-rule.js';
import { compileOptional } from './conditions/compile-condition.js';
import type { ConditionContext } from './conditions/condition-context.js';
import type { CounterPlans } from './conditions/history.js';

export function compileOccasion(occasion: Occasion, counters: CounterPlans): CompiledOccasion {
  if (occasion.kind !== 'event') throw new RangeError(`not compiled yet: ${occasion.kind}`);
  return { names: new Set(occasion.events), where: compileOptional(occasion.where, counters) };
}

/** Whether the event in the context, of this name, is one of these occasions. */
export function isAnyOf(occasions: readonly CompiledOccasion[], name: string, context: ConditionContext): boolean {
  for (const { names, where } of occasions) if (names.has(name) && (where === null || where(context))) return true;
  return false;
}
