import type { Diagnostic } from '../diagnostic.js';
import type { DiagnosticCode, FileKind, ShapeProblem } from '../diagnostic-codes.js';
import { NO_NAMES, type WorkspaceNames } from './workspace-names.js';
import type { SourceText, Span } from '../yaml/source-text.js';

/** Collects what is found in one file. Readers return `undefined` after they have reported a problem. */
export class Reading {
  private readonly found: Diagnostic[] = [];
  /** What the patterns of this file have cost to compile so far. */
  patternCost = 0;
  /** Every name that some `as` of this file gives, whatever the place. */
  asNames: ReadonlySet<string> = new Set();

  constructor(
    readonly source: SourceText,
    readonly kind: FileKind,
    readonly names: WorkspaceNames = NO_NAMES,
  ) {}

  get diagnostics(): readonly Diagnostic[] {
    return this.found;
  }

  /** Always `undefined`, so that a reader can `return reading.error(…)`. */
  error(span: Span, code: DiagnosticCode, message: string, suggestion?: string): undefined {
    this.report('error', span, code, message, suggestion);
  }

  warning(span: Span, code: DiagnosticCode, message: string, suggestion?: string): undefined {
    this.report('warning', span, code, message, suggestion);
  }

  /** A problem of shape, whose code carries the kind of the file. */
  shape(span: Span, problem: ShapeProblem, message: string, suggestion?: string): undefined {
    this.report('error', span, `${this.kind}/${problem}`, message, suggestion);
  }

  private report(
    severity: Diagnostic['severity'],
    span: Span,
    code: DiagnosticCode,
    message: string,
    suggestion?: string,
  ): void {
    const start = this.source.position(span.start);
    const end = this.source.position(Math.max(span.start, span.end));
    this.found.push({
      file: this.source.path,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      severity,
      code,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}
