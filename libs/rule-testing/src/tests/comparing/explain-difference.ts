import {
  decisionRecord,
  describeDecision,
  readers,
  type DeliveryDecision,
  type Rule,
  type Step,
  type Workspace,
} from '#core';
import { formatMoment } from '../reading/moment.js';
import type { ExpectedMessage } from '../test-file.js';
import type { MessagePair } from './compare-messages.js';
import { storyOf, type TestedRun } from './story.js';

/** Why a message is not as it was expected: sentences for people, most telling first. */
export function explainDifference(
  workspace: Workspace,
  tested: TestedRun,
  { expected, actual }: MessagePair,
): readonly string[] {
  if (actual === null) return explainMissing(workspace, tested, expected!);
  const { plan } = actual.message;
  const differs = expected === null ? ['nothing was expected here'] : differences(tested, expected, actual);
  const origin = `it is step ${plan.step} of ${plan.rule}${plan.key === null ? '' : `, key ${[plan.key].flat().join(', ')}`}`;
  return [...differs, ...reasonOf(actual), origin, ...storyOf(tested, plan.rule, plan.customer)];
}

function differences({ file }: TestedRun, expected: ExpectedMessage, { at, verdict }: DeliveryDecision): string[] {
  const found: string[] = [];
  if (at !== expected.at)
    found.push(`it was decided at ${formatMoment(at, file.clock)}, not at ${formatMoment(expected.at, file.clock)}`);
  const reason = verdict.kind === 'send' ? null : verdict.reason;
  if (reason !== expected.suppressed) {
    found.push(
      `it was ${reason === null ? 'sent' : `suppressed: ${reason}`}, not ${expected.suppressed === null ? 'sent' : `suppressed: ${expected.suppressed}`}`,
    );
  }
  if (expected.channel !== null && verdict.channel !== expected.channel) {
    found.push(`its channel is ${verdict.channel ?? 'none'}, not ${expected.channel}`);
  }
  return found.length > 0 ? found : ['another expectation stands for it'];
}

/** The check that refused it, with its inputs; of what was sent nothing has to be explained. */
function reasonOf(decision: DeliveryDecision): readonly string[] {
  if (decision.verdict.kind === 'send') return [];
  const { verdict, checks } = describeDecision(decisionRecord(decision), 'en');
  return [verdict, ...checks.filter(({ outcome }) => outcome === 'refused').flatMap(({ sentences }) => sentences)];
}

function explainMissing(workspace: Workspace, tested: TestedRun, expected: ExpectedMessage): readonly string[] {
  const waiting = stillHeld(tested, expected);
  if (waiting !== undefined) {
    const until = waiting.verdict.kind === 'defer' ? waiting.verdict.until : waiting.at;
    return [
      `it was still held when the clock stopped at ${formatMoment(tested.run.stoppedAt, tested.file.clock)}; it would be released at ${formatMoment(until, tested.file.clock)}`,
      ...reasonOf(waiting),
    ];
  }
  const rules = workspace.rules.filter(({ steps }) => sends(steps, expected.template));
  if (rules.length === 0) return [`no rule sends ${expected.template}`];
  return rules.flatMap((rule) => explainRule(rule, tested, expected));
}

function stillHeld({ run }: TestedRun, { template, to }: ExpectedMessage): DeliveryDecision | undefined {
  const last = new Map(run.decisions.map((decision) => [decision.message.plan.id, decision]));
  return [...last.values()].find(
    ({ message: { plan }, verdict }) =>
      verdict.kind === 'defer' && plan.template === template && (to === null || plan.customer === to),
  );
}

function explainRule(rule: Rule, tested: TestedRun, { to }: ExpectedMessage): readonly string[] {
  const whom = to === null ? '' : ` for ${to}`;
  const story = storyOf(tested, rule.name, to);
  if (story.length > 0)
    return [
      `${rule.name}${whom} until the clock stopped at ${formatMoment(tested.run.stoppedAt, tested.file.clock)}:`,
      ...story,
    ];
  const starts = [...new Set(rule.starts.flatMap(startNames))];
  return [
    `${rule.name} never started${whom}: it starts with ${starts.join(' or ')}, and no event of the test is that${misspelt(tested, starts, to)}`,
  ];
}

export function startNames(start: Rule['starts'][number]): readonly string[] {
  switch (start.kind) {
    case 'event':
      return start.events;
    case 'inactive':
      return start.since === 'any event' ? ['any event'] : start.since;
    case 'enters':
    case 'leaves':
      return [`${start.kind} ${start.segment}`];
    case 'date':
    case 'every':
      return ['a day of the calendar'];
    case 'item event':
      return start.events;
    default:
      return [`${start.kind} ${start.template}`];
  }
}

function misspelt({ test }: TestedRun, starts: readonly string[], to: string | null): string {
  const names = test.events.flatMap(({ customer, call }) =>
    call.kind === 'event' && (to === null || customer === to) ? [call.name] : [],
  );
  for (const name of new Set(names)) {
    const meant = starts.includes(name) ? null : readers.closestName(name, starts);
    if (meant !== null) return ` ("${name}" is written, did you mean "${meant}"?)`;
  }
  return '';
}

function sends(steps: readonly Step[], template: string): boolean {
  return steps.some((step) => {
    switch (step.kind) {
      case 'send':
        return step.variants.some((variant) => variant.template === template);
      case 'if':
        return sends(step.then, template) || sends(step.else, template);
      case 'wait for':
        return sends(step.then, template) || sends(step.onTimeout, template);
      case 'wait until':
        return sends(step.then, template) || sends(step.onPast, template);
      case 'split':
        return step.branches.some((branch) => sends(branch.steps, template));
      case 'repeat':
        return sends(step.steps, template);
      case 'webhook':
        return `webhook:${step.to}` === template;
      default:
        return false;
    }
  });
}
