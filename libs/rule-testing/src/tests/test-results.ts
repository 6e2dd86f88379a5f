import type { Diagnostic } from '#core';
import type { CoverageSummary } from '../coverage/coverage.js';

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
  /** Where its name stands, from 1; so below of what they belong to. */
  readonly line: number;
  readonly column: number;
  readonly name: string;
  readonly passed: boolean;
  /** Everything that `expect` speaks of, expected or not, by time. */
  readonly messages: readonly ComparedMessage[];
  readonly explanations: readonly CheckedExplanation[];
  /** What the test makes impossible by itself: each fails it. */
  readonly problems: readonly FailedPlace[];
}

export interface FailedPlace {
  readonly line: number;
  readonly column: number;
  /** The line of the file with a mark below; empty where everything is as it should be. */
  readonly frame: readonly string[];
  readonly message: string;
}

/** A message, a call, an emitted event or traits that were set. */
export interface ComparedMessage {
  /** Of the expectation, else of the test. */
  readonly line: number;
  readonly column: number;
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
  readonly line: number;
  readonly column: number;
  readonly frame: readonly string[];
  readonly expected: string;
  readonly holds: boolean;
  /** What became of the rule's runs instead; empty where it holds. */
  readonly why: readonly string[];
}
