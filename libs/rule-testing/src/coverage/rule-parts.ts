import { branchesOf, stepsOf, type Rule, type Step } from '#core';
import { occasionWords, startWords, stepWords } from './part-words.js';

/** Something of a rule that a test can reach. */
export interface RulePart {
  readonly kind: 'start' | 'stop' | 'goal' | 'step' | 'branch';
  /** Number of the occasion from 1, path of the step (`4.then.1`), or path of the branch (`4.then`). */
  readonly place: string;
  /** In the words of the rule: `send cart-reminder`. */
  readonly what: string;
}

/** All parts of a rule in its order: starts, stops, goals, and each step with its branches behind it. */
export function partsOf(rule: Rule): readonly RulePart[] {
  const numbered = <T>(kind: RulePart['kind'], all: readonly T[], words: (one: T) => string): RulePart[] =>
    all.map((each, index) => ({ kind, place: String(index + 1), what: words(each) }));
  return [
    ...numbered('start', rule.starts, startWords),
    ...numbered('stop', rule.stop, occasionWords),
    ...numbered('goal', rule.goal?.occasions ?? [], occasionWords),
    ...[...stepsOf(rule.steps)].flatMap(({ path, step }): RulePart[] => [
      { kind: 'step', place: path, what: stepWords(step) },
      ...countedBranches(step).map((name): RulePart => {
        return { kind: 'branch', place: `${path}.${name}`, what: `${stepWords(step)}: ${name}` };
      }),
    ]),
  ];
}

/** Branches that make a difference: those that nobody wrote count too where something else was written beside them. */
function countedBranches(step: Step): readonly string[] {
  const branches = branchesOf(step);
  // What a repeat repeats are steps of its own, and taken whenever they are reached.
  if (step.kind === 'repeat' || branches.every(({ steps }) => steps.length === 0)) return [];
  return branches.map(({ name }) => name);
}
