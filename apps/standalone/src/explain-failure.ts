import { renderDiagnostic } from '#core';
import { WorkspaceInvalidError } from './start-standalone.js';

/** What stands on the terminal when Kairos cannot start: sentences with the cure, a stack only for what nobody foresaw. */
export function explainFailure(error: unknown): string {
  if (error instanceof WorkspaceInvalidError) {
    const shown = error.diagnostics.filter((diagnostic) => diagnostic.severity === 'error').slice(0, 5);
    return [
      `Kairos cannot start: ${error.message}`,
      ...shown.map((diagnostic) => renderDiagnostic(diagnostic, null, { color: false })),
    ].join('\n');
  }
  if (!(error instanceof Error)) return `Kairos cannot start: ${String(error)}`;
  // Errors of ours have a code and a sentence; others are bugs and show where they come from.
  return 'code' in error
    ? `Kairos cannot start: ${error.message}`
    : `Kairos cannot start: ${error.stack ?? error.message}`;
}
