import type { Diagnostic } from '#core';
import type { CoverageSummary } from '../coverage/coverage.js';
import type { Place } from './test-file.js';

export interface RuleTestResults {
  readonly files: readonly TestFileResult[];
  readonly passed: number;
  /** Tests that failed, and files that could not be read. */
  readonly failed: number;
  /** Left out by the choice of names. */
  readonly skipped: number;
  /** What of the rules the tests have reached; null: not asked. */
  readonly coverage: CoverageSummary | null;
}

export interface TestFileResult {
  readonly path: string;
  /** An error among them: none of its tests ran. */
  readonly diagnostics: readonly Diagnostic[];
  readonly readable: boolean;
  readonly tests: readonly TestResult[];
}

export interface TestResult {
  readonly file: string;
  /** Where its name stands. */
  readonly place: Place;
  readonly name: string;
  readonly passed: boolean;
  /** Everything that `expect` speaks of, expected or not, by time. */
  readonly happenings: readonly ComparedHappening[];
  readonly explanations: readonly CheckedExplanation[];
  /** What the test makes impossible by itself: each fails it. */
  readonly problems: readonly FailedPlace[];
}

export interface FailedPlace {
  readonly place: Place;
  /** The line of the file with a mark below; empty where everything is as it should be. */
  readonly frame: readonly string[];
  readonly message: string;
}

export interface ComparedHappening {
  /** Of the expectation, else of the test. */
  readonly place: Place;
  readonly frame: readonly string[];
  /** In the words of a test file; null: nothing was expected. */
  readonly expected: string | null;
  /** null: nothing of the kind happened. */
  readonly actual: string | null;
  readonly matches: boolean;
  /** Sentences; empty where it matches. */
  readonly why: readonly string[];
}

export interface CheckedExplanation {
  readonly place: Place;
  readonly frame: readonly string[];
  readonly expected: string;
  readonly holds: boolean;
  /** What became of the rule's runs instead; empty where it holds. */
  readonly why: readonly string[];
}
