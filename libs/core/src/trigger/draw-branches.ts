import type { CompiledRule, Draw } from './compiled-rule.js';
import { drawChance } from './chance.js';
import type { Evaluation } from './evaluation.js';

/** Whether a run that begins now is held out: a larger share keeps its members. */
export function drawHoldout(evaluation: Evaluation, rule: CompiledRule): boolean {
  const { chance } = evaluation.options;
  if (chance !== undefined) return chance.isHeldOut(rule.name);
  const { holdout } = rule.source;
  if (holdout === 0) return false;
  const { rulesets, state } = evaluation;
  const { salt } = rulesets.current.settings;
  // Held out if any of her ids is: who was held out as a guest stays it.
  return [state.id, ...state.identity.merged].some((id) => drawChance(salt, 'holdout', rule.name, id) < holdout);
}

/** The branches of a run that begins now, by the `draw` of its steps. */
export function drawBranches(evaluation: Evaluation, rule: CompiledRule): number[] {
  const { chance } = evaluation.options;
  return rule.draws.map(({ purpose, branches }) =>
    chance === undefined
      ? branchAt(branches, draw(evaluation, purpose, rule))
      : chance.branchOf(
          rule.name,
          branches.map(({ name }) => name),
        ),
  );
}

/** Shares are added in the order written; what rounding leaves over falls to the last that has any. */
function branchAt(branches: Draw['branches'], drawn: number): number {
  let sum = 0;
  for (let i = 0; i < branches.length; i++) {
    sum += branches[i]!.share;
    if (drawn < sum) return i;
  }
  return branches.findLastIndex(({ share }) => share > 0);
}

function draw({ rulesets, state }: Evaluation, purpose: string, rule: CompiledRule): number {
  return drawChance(rulesets.current.settings.salt, purpose, rule.name, state.id);
}
