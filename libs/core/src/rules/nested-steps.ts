import { branchesOf } from './branches-of.js';
import type { Step } from './model.js';

/** The steps that stand directly in a step's branches, in the order written. */
export function nestedSteps(step: Step): readonly Step[] {
  return branchesOf(step).flatMap(({ steps }) => steps);
}
