import { branchesOf, withBranches, type Step, type Workspace } from '#core';
import type { ChosenChance } from './test-file.js';

const NOTHING_CHOSEN: ChosenChance = { heldOut: false, branches: [] };

/**
 * The workspace with its dice taken away: nobody is in a holdout or the control group, splits and variants take their
 * first branch, unless `chosen` says otherwise for a rule. The grace is 0, since the order of a test's events is right.
 */
export function drawChance(workspace: Workspace, chosen: ReadonlyMap<string, ChosenChance>): Workspace {
  const rules = workspace.rules.map((rule) => {
    const { heldOut, branches } = chosen.get(rule.name) ?? NOTHING_CHOSEN;
    return { ...rule, holdout: heldOut ? 1 : 0, steps: decided(rule.steps, branches) };
  });
  return { ...workspace, rules, settings: { ...workspace.settings, graceMs: 0, controlGroup: 0 } };
}

function decided(steps: readonly Step[], chosen: readonly string[]): readonly Step[] {
  return steps.map((step) => {
    const inner = withBranches(
      step,
      branchesOf(step).map((branch) => decided(branch.steps, chosen)),
    );
    switch (inner.kind) {
      case 'split':
        return { ...inner, branches: allOrNothing(inner.branches, chosen) };
      case 'send':
        return inner.drawn ? { ...inner, variants: allOrNothing(inner.variants, chosen) } : inner;
      default:
        return inner;
    }
  });
}

/** The chosen one, else the first, gets everybody. */
function allOrNothing<T extends { readonly name: string }>(
  options: readonly T[],
  chosen: readonly string[],
): readonly (T & { readonly share: number })[] {
  const taken = options.find(({ name }) => chosen.includes(name)) ?? options[0];
  return options.map((option) => ({ ...option, share: option === taken ? 1 : 0 }));
}
