import type { RuleTestResults } from '../test-results.js';

/** The results as one object. */
export function formatJson({ passed, failed, skipped, files }: RuleTestResults): string {
  return JSON.stringify({ passed, failed, skipped, files }, null, 2);
}
