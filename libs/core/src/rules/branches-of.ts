import type { Step } from './model.js';

/** A list of steps inside a step, by the name that paths of steps use: `then`, `on timeout`, a split's own. */
export interface Branch {
  readonly name: string;
  readonly steps: readonly Step[];
}

const NONE: readonly Branch[] = [];

/** The branches of a step in the order written; those that are not written are empty lists. */
export function branchesOf(step: Step): readonly Branch[] {
  switch (step.kind) {
    case 'if':
      return [
        { name: 'then', steps: step.then },
        { name: 'else', steps: step.else },
      ];
    case 'wait for':
      return [
        { name: 'then', steps: step.then },
        { name: 'on timeout', steps: step.onTimeout },
      ];
    case 'wait until':
      return [
        { name: 'then', steps: step.then },
        { name: 'on past', steps: step.onPast },
      ];
    case 'split':
      return step.branches;
    case 'repeat':
      return [{ name: 'steps', steps: step.steps }];
    default:
      return NONE;
  }
}

/** The step with other branches, given in the order of `branchesOf`. */
export function withBranches(step: Step, lists: readonly (readonly Step[])[]): Step {
  switch (step.kind) {
    case 'if':
      return { ...step, then: lists[0]!, else: lists[1]! };
    case 'wait for':
      return { ...step, then: lists[0]!, onTimeout: lists[1]! };
    case 'wait until':
      return { ...step, then: lists[0]!, onPast: lists[1]! };
    case 'split':
      return { ...step, branches: step.branches.map((branch, index) => ({ ...branch, steps: lists[index]! })) };
    case 'repeat':
      return { ...step, steps: lists[0]! };
    default:
      return step;
  }
}

/** Every step with its path (rule-language.md, Exact meaning 16), nested ones behind the one that holds them. */
export function* stepsOf(
  steps: readonly Step[],
  prefix = '',
): Generator<{ readonly path: string; readonly step: Step }> {
  for (const [index, step] of steps.entries()) {
    const path = `${prefix}${index + 1}`;
    yield { path, step };
    for (const branch of branchesOf(step)) yield* stepsOf(branch.steps, `${path}.${branch.name}.`);
  }
}
