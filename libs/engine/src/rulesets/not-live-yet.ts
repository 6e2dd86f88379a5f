import { nestedSteps, type Step, type Workspace } from '#core';

/**
 * What the rules of a workspace say that the live engine does not do yet, while tests and simulation do: a sentence a
 * rule, for whoever publishes.
 */
export function notLiveYet({ rules }: Pick<Workspace, 'rules'>): readonly string[] {
  return rules.flatMap((rule) => {
    const sentences: string[] = [];
    if (rule.steps.some(followsUp))
      sentences.push(`rule ${rule.name}: \`fallback\` is not followed live yet, only in tests and simulation`);
    return sentences;
  });
}

function followsUp(step: Step): boolean {
  return (step.kind === 'send' && step.fallback !== null) || nestedSteps(step).some(followsUp);
}
