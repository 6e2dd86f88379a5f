import type { Workspace, WorkspaceFile } from '#core';
import { CoverageCollector } from '../coverage/coverage.js';
import { checkExplanation } from './comparing/check-explanation.js';
import { compareHappenings, type HappeningPair } from './comparing/compare-happenings.js';
import { explainDifference } from './comparing/explain-difference.js';
import { happeningsOf } from './comparing/happening.js';
import type { TestedRun } from './comparing/story.js';
import { actualWords, expectedWords } from './comparing/wording.js';
import { frameOf } from './frame-of.js';
import { readTestFile } from './reading/read-test-file.js';
import { runTest } from './run-test.js';
import type { Place, RuleTest, TestFile } from './test-file.js';
import type { ComparedMessage, RuleTestResults, TestFileResult, TestResult } from './test-results.js';

export interface RuleTestOptions {
  /** Only tests whose name it matches; null: all. */
  readonly only: RegExp | null;
  /** Whether to find out what of the rules the tests reach. Default false. */
  readonly coverage?: boolean;
}

/** Runs the tests of these files against a workspace. Pure: the same files give the same results. */
export function runRuleTests(
  workspace: Workspace,
  files: readonly WorkspaceFile[],
  { only, coverage = false }: RuleTestOptions,
): RuleTestResults {
  let skipped = 0;
  const collector = coverage ? new CoverageCollector(workspace) : null;
  const results = files.map((source): TestFileResult => {
    const { file, diagnostics } = readTestFile(source, workspace);
    const all = file?.tests ?? [];
    const chosen = all.filter(({ name }) => only === null || only.test(name));
    skipped += all.length - chosen.length;
    const tests = chosen.map((test) => testOnce(workspace, file!, test, collector));
    return { path: source.path, diagnostics, readable: file !== null, tests };
  });
  const tests = results.flatMap((result) => result.tests);
  const passed = tests.filter((test) => test.passed).length;
  const unreadable = results.filter(({ readable }) => !readable).length;
  return {
    files: results,
    passed,
    failed: tests.length - passed + unreadable,
    skipped,
    coverage: collector?.summary() ?? null,
  };
}

function testOnce(
  workspace: Workspace,
  file: TestFile,
  test: RuleTest,
  collector: CoverageCollector | null,
): TestResult {
  const run = runTest(workspace, file, test);
  collector?.add(run);
  const tested = { file, test, run };
  const pairs = compareHappenings(test.expect, happeningsOf(run, test.expect));
  const messages = pairs.map((pair) => compared(workspace, tested, pair));
  const explanations = test.explain.map((expected) => {
    const checked = checkExplanation(workspace, tested, expected);
    return { ...startOf(expected.place), frame: checked.holds ? [] : frameOf(file, expected.place), ...checked };
  });
  const problems = run.problems.map(({ place, message }) => ({
    ...startOf(place),
    frame: frameOf(file, place),
    message,
  }));
  const passed =
    problems.length === 0 && messages.every(({ matches }) => matches) && explanations.every(({ holds }) => holds);
  return { file: file.path, ...startOf(test.place), name: test.name, passed, messages, explanations, problems };
}

function compared(workspace: Workspace, tested: TestedRun, pair: HappeningPair): ComparedMessage {
  const { expected, actual, matches } = pair;
  const { file, test } = tested;
  const place = expected?.place ?? test.place;
  return {
    ...startOf(place),
    frame: matches ? [] : frameOf(file, place),
    expected: expected && expectedWords(expected, file.clock),
    actual: actual && actualWords(actual, expected?.with ?? null, file.clock),
    matches,
    why: matches ? [] : explainDifference(workspace, tested, pair),
  };
}

function startOf({ line, column }: Place): { readonly line: number; readonly column: number } {
  return { line, column };
}
