import type { Computed } from '../../rules/model.js';
import { compileOptional } from '../conditions/compile-condition.js';
import { dependsOnEventOnly } from '../conditions/condition-needs.js';
import type { Test } from '../conditions/condition-context.js';
import type { CounterPlans } from '../conditions/history.js';
import { computedIn } from './definitions.js';
import type { Keeper } from './keeper.js';
import { computedFingerprint, isCounter, keeperOf } from './read-computed.js';

/** What there is to do for a computed attribute when an event arrives. Attributes of one raw material are one plan. */
export interface ComputedPlan {
  readonly fingerprint: number;
  /** Events that are taken in. */
  readonly of: ReadonlySet<string>;
  /** Events that take out of a list. */
  readonly until: ReadonlySet<string>;
  /** Judged when the event arrives; null: all events. */
  readonly where: Test | null;
  /** A refused `where` is refused again when the same event comes a second time. */
  readonly whereIsFinal: boolean;
  readonly keeper: Keeper;
}

/**
 * The plans of all computed attributes that `plans` has met, and of those that they lean on, which come first. Counts
 * for ever become counters of `plans`.
 */
export function compileComputed(plans: CounterPlans): ComputedPlan[] {
  const compiled = new Map<number, ComputedPlan>();
  const done = new Set<string>();
  const compile = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    const definition = plans.workspace.computed[name]!;
    const where = compileOptional(definition.where, plans);
    for (const other of computedIn(definition.where, plans.workspace)) compile(other);
    if (isCounter(definition)) return plans.addTotal(definition, where);
    const plan = planOf(definition, where, plans);
    if (!compiled.has(plan.fingerprint)) compiled.set(plan.fingerprint, plan);
  };
  for (let known = -1; known !== plans.computed.size;) {
    known = plans.computed.size;
    for (const name of [...plans.computed]) compile(name);
  }
  return [...compiled.values()];
}

function planOf(definition: Computed, where: Test | null, plans: CounterPlans): ComputedPlan {
  return {
    fingerprint: computedFingerprint(definition, plans.workspace),
    of: new Set(definition.events),
    until: new Set(definition.kind === 'list' ? definition.until : []),
    where,
    whereIsFinal: definition.where === null || dependsOnEventOnly(definition.where),
    keeper: keeperOf(definition),
  };
}
