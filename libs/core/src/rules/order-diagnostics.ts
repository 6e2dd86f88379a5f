import { groupBy } from './group-by.js';
import type { Diagnostic } from './diagnostic.js';

export const SHOWN_PER_FILE = 20;

/** By file (kairos.yaml first, then code points), line and column; what goes beyond 20 of a file is one line with their number. */
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
  const [next, ...others] = ofFile.slice(SHOWN_PER_FILE);
  if (next === undefined) return ofFile;
  const severity = [next, ...others].some((diagnostic) => diagnostic.severity === 'error') ? 'error' : 'warning';
  const { file, line, column, endLine, endColumn } = next;
  const message = `and ${others.length + 1} more`;
  const more: Diagnostic = { file, line, column, endLine, endColumn, severity, code: 'file/more', message };
  return [...ofFile.slice(0, SHOWN_PER_FILE), more];
}
