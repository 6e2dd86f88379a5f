import { branchesOf, type Step } from '#core';

/** Names of all branches of splits and of all variants among these steps, nested ones included; each once. */
export function drawnNames(steps: readonly Step[]): readonly string[] {
  const names = steps.flatMap((step): readonly string[] => {
    const own =
      step.kind === 'split'
        ? step.branches.map(({ name }) => name)
        : step.kind === 'send' && step.drawn
          ? step.variants.map(({ name }) => name)
          : [];
    return [...own, ...branchesOf(step).flatMap((branch) => drawnNames(branch.steps))];
  });
  return [...new Set(names)];
}
