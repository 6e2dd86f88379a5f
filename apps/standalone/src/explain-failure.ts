import { decodeText, renderDiagnostic, type Diagnostic, type WorkspaceFile } from '#core';
import { WorkspaceInvalidError } from './start-standalone.js';

const SHOWN = 5;

/** What stands on the terminal when Kairos cannot start: sentences with the cure, a stack only for what nobody foresaw. */
export function explainFailure(error: unknown): string {
  if (error instanceof WorkspaceInvalidError) {
    const errors = error.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    const shown = errors.slice(0, SHOWN).map((diagnostic) => withFrame(diagnostic, error.files));
    const more = errors.length > SHOWN ? [`and ${errors.length - SHOWN} more: npx kairos rules validate`] : [];
    return [`Kairos cannot start: ${error.message}`, ...shown, ...more].join('\n');
  }
  if (!(error instanceof Error)) return `Kairos cannot start: ${String(error)}`;
  // Errors of ours have a code and a sentence; others are bugs and show where they come from.
  return 'code' in error
    ? `Kairos cannot start: ${error.message}`
    : `Kairos cannot start: ${error.stack ?? error.message}`;
}

function withFrame(diagnostic: Diagnostic, files: readonly WorkspaceFile[]): string {
  const file = files.find(({ path }) => path === diagnostic.file);
  const source = file === undefined ? null : (decodeText(file, 'rule').source?.text ?? null);
  return renderDiagnostic(diagnostic, source, { color: false });
}
