import { pathsOf } from '../conditions/condition-needs.js';
import { nestedSteps } from '../../rules/nested-steps.js';
import type { Occasion, Step } from '../../rules/model.js';
import type { CompiledRule } from '../compiled-rule.js';

/** What a run that is handed over later may be held against, of events of one name. */
export interface RingPlan {
  /** Properties that are compared; null: all of them, since `as` names the event. */
  readonly fields: readonly string[] | null;
}

/** By the names of events that some rule stops, reaches its goal or ends a wait with. */
export function compileRing(rules: readonly CompiledRule[]): ReadonlyMap<string, RingPlan> {
  const fields = new Map<string, Set<string> | null>();
  const keep = (occasion: Occasion, as: string | null): void => {
    if (occasion.kind !== 'event') return;
    for (const name of occasion.events) {
      const known = fields.get(name);
      if (as !== null || known === null) fields.set(name, null);
      else fields.set(name, new Set([...(known ?? []), ...comparedBy(occasion.where)]));
    }
  };
  for (const { source } of rules) {
    for (const occasion of [...source.stop, ...(source.goal?.occasions ?? [])]) keep(occasion, null);
    for (const { occasions, as } of waitsIn(source.steps)) for (const occasion of occasions) keep(occasion, as);
  }
  return new Map([...fields].map(([name, set]) => [name, { fields: set === null ? null : [...set].sort() }]));
}

function comparedBy(where: Parameters<typeof pathsOf>[0] | null): string[] {
  if (where === null) return [];
  return pathsOf(where).flatMap(({ root, names }) => (root === 'event' && names.length > 0 ? [names[0]!] : []));
}

function waitsIn(steps: readonly Step[]): (Step & { readonly kind: 'wait for' })[] {
  return steps.flatMap((step) => {
    const nested = waitsIn(nestedSteps(step));
    return step.kind === 'wait for' ? [step, ...nested] : nested;
  });
}
