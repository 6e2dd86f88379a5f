import type { Rule, Step, ValueTree } from '../model.js';
import { nestedSteps } from '../nested-steps.js';

/** What a rule does to its customer that rules may listen to. */
export type Product =
  | { readonly kind: 'event'; readonly event: string; readonly properties: { readonly [name: string]: ValueTree } }
  | { readonly kind: 'trait'; readonly trait: string; readonly value: ValueTree }
  | { readonly kind: 'message'; readonly template: string; readonly rule: string; readonly category: string };

/** All of a rule's steps, those inside others too. */
export function everyStep(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => [step, ...everyStep(nestedSteps(step))]);
}

export function productsOf(rule: Rule): readonly Product[] {
  return everyStep(rule.steps).flatMap((step): readonly Product[] => {
    switch (step.kind) {
      case 'emit':
        return [{ kind: 'event', event: step.event, properties: step.properties }];
      case 'set':
        return Object.entries(step.traits).map(([trait, value]) => ({ kind: 'trait', trait, value }));
      case 'send':
        return step.variants.flatMap(({ template }) =>
          template === null ? [] : [{ kind: 'message', template, rule: rule.name, category: step.category }],
        );
      default:
        return [];
    }
  });
}
