import { readWorkspaceFolder } from '#config';
import {
  orderDiagnostics,
  readWorkspace,
  type Diagnostic,
  type TemplatesToCheck,
  type Workspace,
  type WorkspaceFile,
} from '#core';
import { showDiagnostics } from './show-diagnostics.js';
import type { Terminal } from '../terminal/terminal.js';

export interface LoadedWorkspace {
  readonly files: readonly WorkspaceFile[];
  /** null when there is any error. */
  readonly workspace: Workspace | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly toCheck: TemplatesToCheck;
}

export interface ValidWorkspace extends LoadedWorkspace {
  readonly workspace: Workspace;
}

/** Throws WorkspaceFolderError. */
export async function loadWorkspace(folder: string): Promise<LoadedWorkspace> {
  const files = await readWorkspaceFolder(folder);
  return { files, ...readWorkspace(files) };
}

/** With everything that `rules validate` finds, so that nothing passes a test or a simulation that cannot be published. */
export async function loadWholeWorkspace(folder: string): Promise<LoadedWorkspace> {
  return withTemplateFindings(await loadWorkspace(folder));
}

/** For commands that need a workspace without errors: null after they were shown on standard error, with the warnings. */
export async function loadValidWorkspace(
  terminal: Terminal,
  folder: string,
  load: (folder: string) => Promise<LoadedWorkspace> = loadWorkspace,
): Promise<ValidWorkspace | null> {
  const loaded = await load(folder);
  showDiagnostics(terminal.err, loaded.diagnostics, loaded.files);
  return loaded.workspace === null ? null : { ...loaded, workspace: loaded.workspace };
}

/** With the findings about the content of templates, which only those who send need; null workspace after any error. */
export async function withTemplateFindings(loaded: LoadedWorkspace): Promise<LoadedWorkspace> {
  const { findTemplateProblems } = await import('#templates');
  const diagnostics = orderDiagnostics([...loaded.diagnostics, ...(await findTemplateProblems(loaded.toCheck))]);
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  return { ...loaded, workspace: failed ? null : loaded.workspace, diagnostics };
}
