import type { Rule, Step, ValueTree } from '../model.js';

/** What a rule does to its customer that rules may listen to. */
export type Product =
  | { readonly kind: 'event'; readonly event: string; readonly properties: { readonly [name: string]: ValueTree } }
  | { readonly kind: 'trait'; readonly trait: string; readonly value: ValueTree }
  | { readonly kind: 'message'; readonly template: string; readonly rule: string; readonly category: string };

/** All of a rule's steps, those inside others too. */
export function everyStep(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => [step, ...everyStep(innerSteps(step))]);
}

function innerSteps(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'if':
      return [...step.then, ...step.else];
    case 'wait for':
      return [...step.then, ...step.onTimeout];
    case 'wait until':
      return [...step.then, ...step.onPast];
    case 'split':
      return step.branches.flatMap((branch) => branch.steps);
    case 'repeat':
      return step.steps;
    default:
      return [];
  }
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
