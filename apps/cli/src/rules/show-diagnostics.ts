import { countOfDiagnostic, decodeText, renderDiagnostic, type Diagnostic, type WorkspaceFile } from '#core';
import type { Output } from '../terminal/terminal.js';

/** Every diagnostic with its code frame. */
export function showDiagnostics(
  output: Output,
  diagnostics: readonly Diagnostic[],
  files: readonly WorkspaceFile[],
): void {
  const sources = new Map<string, string | null>();
  for (const diagnostic of diagnostics) {
    const { file } = diagnostic;
    if (!sources.has(file)) sources.set(file, sourceOf(files.find(({ path }) => path === file)));
    output.line(renderDiagnostic(diagnostic, sources.get(file) ?? null, { color: output.color }));
  }
}

function sourceOf(file: WorkspaceFile | undefined): string | null {
  return file === undefined ? null : (decodeText(file, 'rule').source?.text ?? null);
}

/** `2 errors, 1 warning`; null without any. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string | null {
  const count = (severity: Diagnostic['severity']): number =>
    diagnostics.reduce((sum, each) => sum + (each.severity === severity ? countOfDiagnostic(each) : 0), 0);
  const [errors, warnings] = [count('error'), count('warning')];
  const parts = [errors > 0 ? counted(errors, 'error') : null, warnings > 0 ? counted(warnings, 'warning') : null];
  return parts.filter((part) => part !== null).join(', ') || null;
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
