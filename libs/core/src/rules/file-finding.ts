import type { Diagnostic } from './diagnostic.js';
import type { DiagnosticCode } from './diagnostic-codes.js';
import { Reading } from './reading/reading.js';
import { SourceText } from './yaml/source-text.js';

/** A problem of a file as a whole, located at its first character. */
export function fileFinding(
  path: string,
  code: DiagnosticCode,
  message: string,
  severity: 'error' | 'warning' = 'error',
  suggestion?: string,
): readonly Diagnostic[] {
  const reading = new Reading(new SourceText(path, ''), 'rule');
  reading[severity]({ start: 0, end: 0 }, code, message, suggestion);
  return reading.diagnostics;
}
