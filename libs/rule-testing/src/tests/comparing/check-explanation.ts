import type { Workspace } from '#core';
import type { CustomerTrace, TestRun } from '../run-test.js';
import type { ExpectedOutcome } from '../test-file.js';
import type { CheckedExplanation } from '../test-results.js';
import { cutOffRuns } from './end-hints.js';
import { misspeltEvent, startNames } from './start-names.js';
import { eventNameOf, storyOf, type TestedRun } from './story.js';

/** An explanation holds when some run of the rule ended so, or some start came to nothing for that reason. */
export function checkExplanation(
  workspace: Workspace,
  tested: TestedRun,
  expected: ExpectedOutcome,
): Omit<CheckedExplanation, 'line' | 'column' | 'frame'> {
  const { rule, customer } = expected;
  const holds = tested.run.traces.some((trace) => fits(tested.run, trace, expected));
  return { expected: wordsOf(expected), holds, why: holds ? [] : instead(workspace, tested, rule, customer) };
}

function fits(run: TestRun, { customer, trace }: CustomerTrace, expected: ExpectedOutcome): boolean {
  if (trace.rule !== expected.rule || (expected.customer !== null && customer !== expected.customer)) return false;
  switch (trace.kind) {
    case 'ended':
      return trace.outcome === expected.outcome && (expected.by === null || eventNameOf(run, trace.by) === expected.by);
    case 'not_started':
      return expected.outcome === 'not_started' && (expected.by === null || trace.reason === expected.by);
    default:
      return false;
  }
}

function instead({ rules }: Workspace, tested: TestedRun, name: string, customer: string | null): readonly string[] {
  const story = storyOf(tested, name, customer, null);
  if (story.length > 0) return ['this is what happened instead:', ...story, ...cutOffRuns(tested, name, customer)];
  const rule = rules.find((each) => each.name === name)!;
  const starts = [...new Set(rule.starts.flatMap(startNames))];
  const misspelt = misspeltEvent(tested.test, starts, customer);
  return [`no event of the test had anything to do with ${name}, which starts with ${starts.join(' or ')}${misspelt}`];
}

function wordsOf({ rule, customer, outcome, by }: ExpectedOutcome): string {
  return `${rule}${customer === null ? '' : ` of ${customer}`}: ${outcome}${by === null ? '' : ` by ${by}`}`;
}
