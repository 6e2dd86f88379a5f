import { relative } from 'node:path';
import { root } from '../setup/project.mjs';

const outcomes = { passed: 'passed', failed: 'failed' };

function resultOf(file, test) {
  const outcome = outcomes[test.status] ?? 'skipped';
  const reason = outcome === 'skipped' ? test.fullName.match(/\[needs ([^\]]+)\]/)?.[1] : undefined;
  return { name: `${file} › ${test.fullName}`, outcome, reason, seconds: (test.duration ?? 0) / 1000 };
}

/** Jest's --json report → results as `tally` takes them. A file that could not run at all is one failure. */
export function readJestResults(report) {
  return report.testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(root, name);
    const tests = assertionResults.map((test) => resultOf(file, test));
    const brokeOff = status === 'failed' && !tests.some(({ outcome }) => outcome === 'failed');
    return brokeOff
      ? [...tests, { name: file, outcome: 'failed', reason: 'the file could not be run to its end' }]
      : tests;
  });
}
