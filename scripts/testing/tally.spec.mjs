import { describe, expect, it } from '@jest/globals';
import { readJestResults } from './jest-results.mjs';
import { summaryLines, tally } from './tally.mjs';

const test = (name, outcome, reason) => ({ name, outcome, reason });
const lastLine = (results, where) => summaryLines(tally(results, where)).at(-1);
const laptop = { ci: false, dataIsThere: false };
const ci = { ci: true, dataIsThere: true };

describe('the last line of npm test', () => {
  it('counts what passed and what failed', () => {
    expect(lastLine([test('a', 'passed'), test('b', 'failed'), test('c', 'passed')], laptop)).toBe(
      '2 passed, 1 failed',
    );
  });

  it('tells what was skipped on a developer’s machine', () => {
    expect(lastLine([test('a', 'passed'), test('b', 'skipped', 'Java')], laptop)).toBe('1 passed, 0 failed, 1 skipped');
  });

  it('counts a skipped test as failed in CI', () => {
    expect(lastLine([test('a', 'passed'), test('b', 'skipped', 'Java')], ci)).toBe('1 passed, 1 failed');
    expect(lastLine([test('b', 'skipped', '../shared/data/x')], ci)).toBe('0 passed, 1 failed');
  });

  it('excuses a test in CI whose recorded data nobody has there', () => {
    const results = [test('a', 'skipped', '../shared/data/x'), test('b', 'skipped', 'Java'), test('c', 'skipped')];
    expect(lastLine(results, { ci: true, dataIsThere: false })).toBe('0 passed, 2 failed, 1 skipped');
  });
});

it('a browser and promtool are excused where there are none, in CI too', () => {
  const skipped = [
    test('a', 'skipped', 'a browser: Chromium'),
    test('b', 'skipped', 'Java'),
    test('c', 'skipped', 'promtool of Prometheus in PATH'),
  ];
  expect(tally(skipped, { ci: true, dataIsThere: true }).failed.map(({ name }) => name)).toEqual(['b']);
});

describe('the report of npm test', () => {
  it('names one reason once, however many tests it kept from running', () => {
    const lines = summaryLines(tally([test('a', 'skipped', 'Java'), test('b', 'skipped', 'Java')], laptop));
    expect(lines).toContain('  a and 1 more: Java');
  });

  it('takes the reason of a skipped test from its title', () => {
    const assertionResults = [{ fullName: 'reads a week [needs ../shared/data/otto.ndjson.gz]', status: 'pending' }];
    const [result] = readJestResults({ testResults: [{ name: '/x.spec.ts', status: 'passed', assertionResults }] });
    expect(result).toMatchObject({ outcome: 'skipped', reason: '../shared/data/otto.ndjson.gz' });
  });

  it('counts a file that could not be run as one failure', () => {
    const results = readJestResults({ testResults: [{ name: '/x.spec.ts', status: 'failed', assertionResults: [] }] });
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed']);
  });
});
