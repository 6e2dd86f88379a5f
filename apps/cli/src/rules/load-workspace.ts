import { readWorkspaceFolder } from '#config';
import { readWorkspace, type Diagnostic, type Workspace, type WorkspaceFile } from '#core';
import { showDiagnostics } from './show-diagnostics.js';
import type { Terminal } from '../terminal/terminal.js';

export interface LoadedWorkspace {
  readonly files: readonly WorkspaceFile[];
  /** null when there is any error. */
  readonly workspace: Workspace | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Throws WorkspaceFolderError. */
export async function loadWorkspace(folder: string): Promise<LoadedWorkspace> {
  const files = await readWorkspaceFolder(folder);
  return { files, ...readWorkspace(files) };
}

/** For commands that need a workspace without errors: null after they were shown on standard error, with the warnings. */
export async function loadValidWorkspace(
  terminal: Terminal,
  folder: string,
): Promise<(LoadedWorkspace & { readonly workspace: Workspace }) | null> {
  const loaded = await loadWorkspace(folder);
  showDiagnostics(terminal.err, loaded.diagnostics, loaded.files);
  return loaded.workspace === null ? null : { ...loaded, workspace: loaded.workspace };
}
