import type { CoverageSummary } from '../../coverage/coverage.js';
import { formatCoverage } from '../../coverage/format-coverage.js';
import { PLAIN, type Paint } from './paint.js';
import type { ComparedMessage, RuleTestResults, TestFileResult, TestResult } from '../test-results.js';

const NOTHING = 'nothing';
/** A calendar rule without an end may do something unexpected every day of a year: what is wrong is seen from the first. */
const MOST_ROWS = 30;
const MOST_EXPLAINED = 3;

/** One line a test; of those that failed, expected against actual side by side and why. Diagnostics are the caller's. */
export function formatPretty(
  { files, passed, failed, skipped, coverage }: RuleTestResults,
  paint: Paint = PLAIN,
): string {
  const parts = files
    .filter(({ readable, tests }) => !readable || tests.length > 0)
    .map((file) => formatFile(file, paint));
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} left out`] : [])].join(', ');
  return [...parts, ...covered(coverage, paint), failed > 0 ? paint.bad(counts) : paint.good(counts)].join('\n\n');
}

function covered(coverage: CoverageSummary | null, paint: Paint): string[] {
  return coverage === null ? [] : [formatCoverage(coverage, paint)];
}

function formatFile({ path, readable, tests }: TestFileResult, paint: Paint): string {
  if (!readable) return `${path}\n${paint.bad('  ✗ cannot be read: see above')}`;
  return [path, ...tests.map((test) => formatTest(test, paint))].join('\n');
}

function formatTest(test: TestResult, paint: Paint): string {
  if (test.passed) return `  ${paint.good('✓')} ${test.name}`;
  const failed = [
    ...test.problems.map(({ message, ...rest }) => ({ ...rest, what: message, why: [] as readonly string[] })),
    ...test.messages
      .filter(({ matches }) => !matches)
      .map(({ expected, actual, ...rest }) => ({ ...rest, what: expected ?? actual! })),
    ...test.explanations.filter(({ holds }) => !holds).map(({ expected, ...rest }) => ({ ...rest, what: expected })),
  ];
  return [
    `  ${paint.bad('✗')} ${test.name} ${paint.faint(`(${test.file}:${test.line})`)}`,
    ...sideBySide(test, paint),
    ...failed.slice(0, MOST_EXPLAINED).flatMap((failure) => explained(test.file, failure, paint)),
    ...more(failed.length - MOST_EXPLAINED, 'differences (--format json explains all)', paint),
  ].join('\n');
}

function sideBySide({ messages }: TestResult, paint: Paint): string[] {
  if (messages.length === 0) return [];
  const rows = [{ expected: 'expected', actual: 'actual', matches: true }, ...messages.map(shown)];
  const width = Math.max(...rows.map(({ expected }) => expected.length));
  const lines = rows.slice(0, MOST_ROWS + 1).map(({ expected, actual, matches }, index) => {
    const line = `${expected.padEnd(width)}  │ ${actual}`;
    return index === 0
      ? `        ${paint.faint(line)}`
      : matches
        ? `      ${paint.good('✓')} ${line}`
        : `      ${paint.bad(`✗ ${line}`)}`;
  });
  return [...lines, ...more(messages.length - MOST_ROWS, 'lines', paint)];
}

function more(count: number, of: string, paint: Paint): string[] {
  return count > 0 ? [paint.faint(`      … and ${count} more ${of}`)] : [];
}

function shown({ expected, actual, matches }: ComparedMessage): {
  expected: string;
  actual: string;
  matches: boolean;
} {
  return { expected: expected ?? NOTHING, actual: actual ?? NOTHING, matches };
}

interface Failure {
  readonly line: number;
  readonly column: number;
  readonly frame: readonly string[];
  readonly what: string;
  readonly why: readonly string[];
}

function explained(file: string, { line, column, frame, what, why }: Failure, paint: Paint): string[] {
  return [
    `      ${paint.faint(`${file}:${line}:${column}`)} ${what}`,
    ...frame.map((shownLine) => paint.faint(`      ${shownLine}`)),
    ...why.map((sentence) => `        ${sentence}`),
  ];
}
