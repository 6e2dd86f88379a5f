import type { Step } from './model.js';

/** The steps that stand directly in a step's branches, in the order written. */
export function nestedSteps(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'wait until':
      return [...step.then, ...step.onPast];
    case 'wait for':
      return [...step.then, ...step.onTimeout];
    case 'if':
      return [...step.then, ...step.else];
    case 'split':
      return step.branches.flatMap(({ steps }) => steps);
    case 'repeat':
      return step.steps;
    default:
      return [];
  }
}
