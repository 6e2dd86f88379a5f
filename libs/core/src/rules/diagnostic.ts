/** One finding about a workspace, as `kairos rules validate --format json` prints it (interfaces.md). */
export interface Diagnostic {
  /** Path inside the workspace, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters (code points). */
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: 'error' | 'warning';
  /** Stable, `group/name`: `rule/unknown-field`. */
  readonly code: string;
  readonly message: string;
  /** What to write instead, if there is an obvious thing. */
  readonly suggestion?: string;
}

/** A file of a workspace as it lies on the disk; decoding it is part of reading, since encodings go wrong. */
export interface WorkspaceFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}
