import { readWorkspace, type Diagnostic, type WorkspaceFile } from '#core';
import type { PublishRequest, RulesetStore } from '../ports/ruleset-store.js';

export interface Publication {
  /** null: the workspace has errors and nothing was published. */
  readonly number: number | null;
  /** The same files are in force already. */
  readonly unchanged: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** What of a workspace is published: not its tests, nor what lies there besides. */
const PUBLISHED = [/^(?:kairos|segments|events)\.yaml$/, /^templates\//, /^rules\/[^/]+(?<!\.test)\.yaml$/] as const;

/**
 * Checks the workspace and stores it as a new ruleset; each partition takes it where its record stands in the log.
 * Throws StoreError.
 */
export async function publishWorkspace(
  store: RulesetStore,
  files: readonly WorkspaceFile[],
  publishedBy: string,
  { removed = 'finish', startExisting }: Partial<Pick<PublishRequest, 'removed' | 'startExisting'>> = {},
): Promise<Publication> {
  const { workspace, diagnostics } = readWorkspace(files);
  if (workspace === null) return { number: null, unchanged: false, diagnostics };
  const published = files.filter(({ path }) => PUBLISHED.some((pattern) => pattern.test(path)));
  const { number, unchanged } = await store.publish({
    files: published,
    rules: workspace.rules.map(({ name }) => ({ name, path: `rules/${name}.yaml` })),
    templates: Object.values(workspace.templates).map(({ name, files: parts }) => ({
      name,
      paths: parts.map((part) => part.path),
    })),
    publishedBy,
    removed,
    ...(startExisting === undefined ? {} : { startExisting }),
  });
  return { number, unchanged, diagnostics };
}
