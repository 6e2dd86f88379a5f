import type { RuleTestResults } from '../test-results.js';

/** The results as one object; `coverage` only where it was asked for. */
export function formatJson({ passed, failed, skipped, files, coverage }: RuleTestResults): string {
  return JSON.stringify({ passed, failed, skipped, files, ...(coverage === null ? {} : { coverage }) }, null, 2);
}
