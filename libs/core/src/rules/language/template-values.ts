import type { Rule } from '../model.js';
import { everyStep } from './products.js';

/** What the rules that send a template give to it, beside what every template sees. */
export interface TemplateValues {
  /** Names under `with`, of all sends together. */
  readonly with: ReadonlySet<string>;
  /** Names given by `as` in those rules. */
  readonly named: ReadonlySet<string>;
}

/** By template, for all templates that some rule sends. */
export function templateValues(rules: readonly Rule[]): ReadonlyMap<string, TemplateValues> {
  const found = new Map<string, { with: Set<string>; named: Set<string> }>();
  for (const rule of rules) {
    const steps = everyStep(rule.steps);
    const named = steps.flatMap((step) => (step.kind === 'wait for' && step.as !== null ? [step.as] : []));
    for (const step of steps) {
      if (step.kind !== 'send') continue;
      for (const { template } of step.variants) {
        if (template === null) continue;
        const values = found.get(template) ?? { with: new Set(), named: new Set() };
        found.set(template, values);
        for (const name of Object.keys(step.with ?? {})) values.with.add(name);
        for (const name of named) values.named.add(name);
      }
    }
  }
  return found;
}
