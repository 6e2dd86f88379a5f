import {
  branchesOf,
  decisionRecord,
  describeDecision,
  type DeliveryDecision,
  type Rule,
  type Step,
  type Workspace,
} from '#core';
import { formatMoment } from '../moment.js';
import type { Expectation } from '../test-file.js';
import type { HappeningPair } from './compare-happenings.js';
import { cutOffRuns, missingEnd } from './end-hints.js';
import { differingNames, traitPath, type Happening } from './happening.js';
import { misspeltEvent, startNames } from './start-names.js';
import { storyOf, type TestedRun } from './story.js';
import { shownValue } from './wording.js';

/** Why something is not as it was expected: sentences for people, most telling first. */
export function explainDifference(
  workspace: Workspace,
  tested: TestedRun,
  { expected, actual }: HappeningPair,
): readonly string[] {
  if (actual === null) return explainMissing(workspace, tested, expected!);
  const { rule, step, key } = actual.origin;
  const differs =
    expected === null
      ? ['nothing was expected here', ...endHint(workspace, tested, actual)]
      : differences(tested, expected, actual);
  const origin = `it is step ${step} of ${rule}${key === null ? '' : `, key ${[key].flat().join(', ')}`}`;
  return [...differs, ...reasonOf(actual.decision), origin, ...storyOf(tested, rule, actual.customer, actual.at)];
}

function endHint({ rules }: Workspace, tested: TestedRun, actual: Happening): readonly string[] {
  const rule = rules.find(({ name }) => name === actual.origin.rule)!;
  const { expect, explain } = tested.test;
  const isSpokenOf =
    expect.some(({ what }) => does(rule.steps, what)) || explain.some((each) => each.rule === rule.name);
  return missingEnd(tested, rule, actual, isSpokenOf);
}

function differences({ file }: TestedRun, expected: Expectation, actual: Happening): readonly string[] {
  const { what } = expected;
  const found: string[] = [];
  if (actual.at !== expected.at)
    found.push(
      `it was decided at ${formatMoment(actual.at, file.clock)}, not at ${formatMoment(expected.at, file.clock)}`,
    );
  if (what.kind === 'send' || what.kind === 'webhook') {
    if (actual.suppressed !== what.suppressed)
      found.push(`it was ${fate(actual.suppressed)}, not ${fate(what.suppressed)}`);
    if (what.channel !== null && actual.channel !== what.channel)
      found.push(`its channel is ${actual.channel ?? 'none'}, not ${what.channel}`);
  }
  if (what.kind === 'set') {
    const more = Object.keys(actual.values).filter((name) => !what.names.includes(name));
    if (more.length > 0)
      found.push(`it writes ${more.map(traitPath).join(', ')} too, which is not among what is expected`);
  }
  for (const name of differingNames(expected.with, actual.values)) {
    const value = Object.hasOwn(actual.values, name) ? actual.values[name] : undefined;
    found.push(
      `${what.kind === 'set' ? traitPath(name) : name} is ${shownValue(value)}, not ${shownValue(expected.with![name])}`,
    );
  }
  return found.length > 0 ? found : ['another expectation stands for it'];
}

function fate(suppressed: string | null): string {
  return suppressed === null ? 'sent' : `suppressed: ${suppressed}`;
}

/** The check that refused it, with its inputs; of what was sent nothing has to be explained. */
function reasonOf(decision: DeliveryDecision | null): readonly string[] {
  if (decision === null || decision.verdict.kind === 'send') return [];
  const { verdict, checks } = describeDecision(decisionRecord(decision), 'en');
  return [verdict, ...checks.filter(({ outcome }) => outcome === 'refused').flatMap(({ sentences }) => sentences)];
}

function explainMissing(workspace: Workspace, tested: TestedRun, expected: Expectation): readonly string[] {
  const waiting = stillHeld(tested, expected);
  if (waiting !== undefined) {
    const until = waiting.verdict.kind === 'defer' ? waiting.verdict.until : waiting.at;
    return [
      `it was still held when the clock stopped at ${formatMoment(tested.run.stoppedAt, tested.file.clock)}; it would be released at ${formatMoment(until, tested.file.clock)}`,
      ...reasonOf(waiting),
    ];
  }
  const rules = workspace.rules.filter(({ steps }) => does(steps, expected.what));
  if (rules.length === 0) return [`no rule ${DOES[expected.what.kind]} ${nameOf(expected)}`];
  return rules.flatMap((rule) => explainRule(rule, tested, expected));
}

const DOES = { send: 'sends', webhook: 'calls', emit: 'emits', set: 'sets' } as const;

function nameOf({ what }: Expectation): string {
  return what.kind === 'set' ? what.names.map(traitPath).join(', ') : what.name;
}

function stillHeld({ run }: TestedRun, { what, to }: Expectation): DeliveryDecision | undefined {
  if (what.kind !== 'send') return undefined;
  const last = new Map(run.decisions.map((decision) => [decision.message.plan.id, decision]));
  return [...last.values()].find(
    ({ message: { plan }, verdict }) =>
      verdict.kind === 'defer' && plan.template === what.name && (to === null || plan.customer === to),
  );
}

function explainRule(rule: Rule, tested: TestedRun, { to, at }: Expectation): readonly string[] {
  const whom = to === null ? '' : ` for ${to}`;
  const story = storyOf(tested, rule.name, to, at);
  if (story.length > 0)
    return [
      `${rule.name}${whom} until the clock stopped at ${formatMoment(tested.run.stoppedAt, tested.file.clock)}:`,
      ...story,
      ...cutOffRuns(tested, rule.name, to),
    ];
  const starts = [...new Set(rule.starts.flatMap(startNames))];
  return [
    `${rule.name} never started${whom}: it starts with ${starts.join(' or ')}, and no event of the test is that${misspeltEvent(tested.test, starts, to)}`,
  ];
}

/** Whether some step does what is expected. */
function does(steps: readonly Step[], what: Expectation['what']): boolean {
  return steps.some((step) => {
    if (branchesOf(step).some((branch) => does(branch.steps, what))) return true;
    switch (what.kind) {
      case 'send':
        return step.kind === 'send' && step.variants.some((variant) => variant.template === what.name);
      case 'webhook':
        return step.kind === 'webhook' && step.to === what.name;
      case 'emit':
        return step.kind === 'emit' && step.event === what.name;
      case 'set':
        return step.kind === 'set' && what.names.every((name) => Object.hasOwn(step.traits, name));
    }
  });
}
