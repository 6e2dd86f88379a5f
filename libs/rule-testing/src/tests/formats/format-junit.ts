import type { RuleTestResults, TestFileResult, TestResult } from '../test-results.js';

/** JUnit XML, as build servers read it: a suite a file, a test case a test. */
export function formatJunit({ files, passed, failed }: RuleTestResults): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="kairos rules test" tests="${passed + failed}" failures="${failed}">`,
    ...files.flatMap(suite),
    '</testsuites>',
  ].join('\n');
}

function suite({ path, readable, diagnostics, tests }: TestFileResult): string[] {
  const cases = readable
    ? tests.flatMap(testCase)
    : failedCase(
        path,
        'the file can be read',
        diagnostics.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`),
      );
  const failures = readable ? tests.filter((test) => !test.passed).length : 1;
  return [
    `  <testsuite name="${escaped(path)}" tests="${readable ? tests.length : 1}" failures="${failures}">`,
    ...cases,
    '  </testsuite>',
  ];
}

function testCase(test: TestResult): string[] {
  if (test.passed) return [`    <testcase classname="${escaped(test.file)}" name="${escaped(test.name)}"/>`];
  const at = ({ line, column }: { readonly line: number; readonly column: number }): string =>
    `${test.file}:${line}:${column}`;
  const messages = test.messages.filter(({ matches }) => !matches);
  const lines = [
    ...test.problems.flatMap(({ message, frame, ...place }) => [`${at(place)} ${message}`, ...frame]),
    ...messages.flatMap(({ frame, expected, actual, why, ...place }) => [
      `${at(place)} expected: ${expected ?? 'nothing'}, actual: ${actual ?? 'nothing'}`,
      ...frame,
      ...why.map((sentence) => `  ${sentence}`),
    ]),
    ...test.explanations
      .filter(({ holds }) => !holds)
      .flatMap(({ frame, expected, why, ...place }) => [
        `${at(place)} ${expected}`,
        ...frame,
        ...why.map((sentence) => `  ${sentence}`),
      ]),
  ];
  return failedCase(test.file, test.name, lines);
}

function failedCase(file: string, name: string, lines: readonly string[]): string[] {
  return [
    `    <testcase classname="${escaped(file)}" name="${escaped(name)}">`,
    `      <failure message="${escaped(lines[0] ?? 'failed')}">${escaped(lines.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}

/** XML 1.0 has no way to say control characters. */
function escaped(text: string): string {
  return text

    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
