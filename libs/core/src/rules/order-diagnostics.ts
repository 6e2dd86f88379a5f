import { groupBy } from './group-by.js';
import type { Diagnostic } from './diagnostic.js';

export const SHOWN_PER_FILE = 20;

/** For how many findings one stands: `file/more` is one line for those that are not shown. */
export function countOfDiagnostic({ code, message }: Diagnostic): number {
  return code === 'file/more' ? Number(/\d+/.exec(message)?.[0] ?? 1) : 1;
}

/**
 * By file (kairos.yaml first, then code points), line and column; what goes beyond 20 of a file is one line with their
 * number. What was ordered before may be ordered again with more.
 */
export function orderDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const byFile = groupBy(diagnostics, (diagnostic) => diagnostic.file);
  return [...byFile.keys()]
    .sort(compareFiles)
    .flatMap((file) => shortened((byFile.get(file) ?? []).sort(comparePositions)));
}

function compareFiles(a: string, b: string): number {
  if (a === 'kairos.yaml' || b === 'kairos.yaml') return a === b ? 0 : a === 'kairos.yaml' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePositions(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column;
}

function shortened(ofFile: readonly Diagnostic[]): readonly Diagnostic[] {
  const shown = ofFile.filter(({ code }) => code !== 'file/more').slice(0, SHOWN_PER_FILE);
  const hidden = ofFile.filter((diagnostic) => !shown.includes(diagnostic));
  const [next] = hidden;
  if (next === undefined) return ofFile;
  const severity = hidden.some((diagnostic) => diagnostic.severity === 'error') ? 'error' : 'warning';
  const { file, line, column, endLine, endColumn } = next;
  const message = `and ${hidden.reduce((sum, diagnostic) => sum + countOfDiagnostic(diagnostic), 0)} more`;
  const more: Diagnostic = { file, line, column, endLine, endColumn, severity, code: 'file/more', message };
  return [...shown, more];
}
