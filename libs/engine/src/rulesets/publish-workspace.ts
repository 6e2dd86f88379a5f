import { readWorkspace, type Diagnostic, type WorkspaceFile } from '#core';
import type { RulesetStore } from '../ports/ruleset-store.js';

export interface Publication {
  /** null: the workspace has errors and nothing was published. */
  readonly number: number | null;
  /** The same files are in force already. */
  readonly unchanged: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks the workspace and stores it as a new ruleset; the processes take it when they start. Throws StoreError. */
export async function publishWorkspace(
  store: RulesetStore,
  files: readonly WorkspaceFile[],
  publishedBy: string,
): Promise<Publication> {
  const { workspace, diagnostics } = readWorkspace(files);
  if (workspace === null) return { number: null, unchanged: false, diagnostics };
  const published = files.filter(
    ({ path }) =>
      path === 'kairos.yaml' ||
      /^templates\//.test(path) ||
      (/^rules\/[^/]+\.yaml$/.test(path) && !path.endsWith('.test.yaml')),
  );
  const { number, unchanged } = await store.publish({
    files: published,
    rules: workspace.rules.map(({ name }) => ({ name, path: `rules/${name}.yaml` })),
    templates: Object.values(workspace.templates).map(({ name, files: parts }) => ({
      name,
      paths: parts.map((part) => part.path),
    })),
    publishedBy,
  });
  return { number, unchanged, diagnostics };
}
