import type { Diagnostic } from '#core';

export interface RuleTestResults {
  readonly files: readonly TestFileResult[];
  readonly passed: number;
  /** Tests that failed, and files that could not be read. */
  readonly failed: number;
  /** Left out by the choice of names. */
  readonly skipped: number;
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
  readonly line: number;
  readonly name: string;
  readonly passed: boolean;
  /** Every message, expected or not, by time. */
  readonly messages: readonly ComparedMessage[];
  readonly explanations: readonly CheckedExplanation[];
}

export interface ComparedMessage {
  /** Of the expectation, else of the test. */
  readonly line: number;
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
  readonly expected: string;
  readonly holds: boolean;
  /** What became of the rule's runs instead; empty where it holds. */
  readonly why: readonly string[];
}
