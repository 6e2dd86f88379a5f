import type { DeliveryDecision, Workspace, WorkspaceFile } from '#core';
import { checkExplanation } from './comparing/check-explanation.js';
import { compareMessages, type MessagePair } from './comparing/compare-messages.js';
import { explainDifference } from './comparing/explain-difference.js';
import type { TestedRun } from './comparing/story.js';
import { formatMoment } from './reading/moment.js';
import { readTestFile } from './reading/read-test-file.js';
import { runTest } from './run-test.js';
import type { ExpectedMessage, RuleTest, TestFile } from './test-file.js';
import type { ComparedMessage, RuleTestResults, TestFileResult, TestResult } from './test-results.js';

export interface RuleTestOptions {
  /** Only tests whose name it matches; null: all. */
  readonly only: RegExp | null;
}

/** Runs the tests of these files against a workspace. Pure: the same files give the same results. */
export function runRuleTests(
  workspace: Workspace,
  files: readonly WorkspaceFile[],
  { only }: RuleTestOptions,
): RuleTestResults {
  let skipped = 0;
  const results = files.map((source): TestFileResult => {
    const { file, diagnostics } = readTestFile(source, workspace);
    const all = file?.tests ?? [];
    const chosen = all.filter(({ name }) => only === null || only.test(name));
    skipped += all.length - chosen.length;
    const tests = chosen.map((test) => testOnce(workspace, file!, test));
    return { path: source.path, diagnostics, readable: file !== null, tests };
  });
  const tests = results.flatMap((result) => result.tests);
  const passed = tests.filter((test) => test.passed).length;
  const unreadable = results.filter(({ readable }) => !readable).length;
  return { files: results, passed, failed: tests.length - passed + unreadable, skipped };
}

function testOnce(workspace: Workspace, file: TestFile, test: RuleTest): TestResult {
  const run = runTest(workspace, file, test);
  const tested = { file, test, run };
  const pairs = compareMessages(
    test.expect,
    run.decisions.filter(({ verdict }) => verdict.kind !== 'defer'),
  );
  const messages = pairs.map((pair) => comparedMessage(workspace, tested, pair));
  const explanations = test.explain.map((expected) => checkExplanation(workspace, tested, expected));
  const passed = messages.every(({ matches }) => matches) && explanations.every(({ holds }) => holds);
  return { file: file.path, line: test.line, name: test.name, passed, messages, explanations };
}

function comparedMessage(workspace: Workspace, tested: TestedRun, pair: MessagePair): ComparedMessage {
  const { expected, actual, matches } = pair;
  const { clock } = tested.file;
  return {
    line: expected?.line ?? tested.test.line,
    expected: expected && expectedWords(expected, clock),
    actual: actual && actualWords(actual, clock),
    matches,
    why: matches ? [] : explainDifference(workspace, tested, pair),
  };
}

function expectedWords({ at, template, to, channel, suppressed }: ExpectedMessage, clock: number): string {
  return words(formatMoment(at, clock), template, to, channel, suppressed);
}

function actualWords({ at, message: { plan }, verdict }: DeliveryDecision, clock: number): string {
  return words(
    formatMoment(at, clock),
    plan.template,
    plan.customer,
    verdict.channel,
    verdict.kind === 'send' ? null : verdict.reason,
  );
}

function words(
  at: string,
  template: string,
  to: string | null,
  channel: string | null,
  suppressed: string | null,
): string {
  const parts = [at, template, to && `to ${to}`, channel && `by ${channel}`, suppressed && `suppressed: ${suppressed}`];
  return parts.filter((part) => part !== null && part !== '').join(' ');
}
