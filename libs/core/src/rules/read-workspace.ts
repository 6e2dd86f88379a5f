import type { Diagnostic, WorkspaceFile } from './diagnostic.js';
import type { Workspace } from './model.js';

export interface WorkspaceReading {
  /** null when there is any error. */
  readonly workspace: Workspace | null;
  /** All problems of all files, ordered by file and position. */
  readonly diagnostics: readonly Diagnostic[];
}

export function readWorkspace(_files: readonly WorkspaceFile[]): WorkspaceReading {
  return { workspace: null, diagnostics: [] };
}
