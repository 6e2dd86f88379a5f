import {
  compileRuleset,
  readWorkspace,
  rulesetsOf,
  type Diagnostic,
  type Ruleset,
  type Rulesets,
  type Workspace,
} from '#core';
import type { PublishedRuleset, RulesetStore } from '../ports/ruleset-store.js';

/** What a process runs by: the ruleset in force, and those whose rules runs may still keep. */
export interface LoadedRulesets {
  readonly rulesets: Rulesets;
  readonly workspace: Workspace;
  /** Workspaces by ruleset number: messages are rendered with the templates of the newest that has them. */
  readonly workspaces: ReadonlyMap<number, Workspace>;
}

/** A published ruleset cannot be read by this version of Kairos: it was published by a newer one. */
export class RulesetUnreadableError extends Error {
  readonly code = 'ruleset_unreadable';
  readonly retryable = false;

  constructor(
    readonly number: number,
    readonly diagnostics: readonly Diagnostic[],
  ) {
    const first = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    super(
      `ruleset ${number} cannot be read by this version of Kairos${first === undefined ? '' : `: ${first.file}:${first.line}: ${first.message}`}`,
    );
    this.name = 'RulesetUnreadableError';
  }
}

/** null: nothing was published yet. Throws RulesetUnreadableError, StoreError. */
export async function loadRulesets(store: RulesetStore): Promise<LoadedRulesets | null> {
  const latest = await store.latest();
  if (latest === null) return null;
  const workspace = readPublished(latest);
  const current = compileRuleset(workspace, latest.number, latest.versions);
  const workspaces = new Map([[latest.number, workspace]]);
  const older = new Map<number, Ruleset>();
  const known = new Set(Object.entries(latest.versions).map(([rule, version]) => `${rule}@${version}`));
  for (const { rule, version } of await store.knownVersions()) {
    if (known.has(`${rule}@${version}`)) continue;
    const published = await store.containing(rule, version);
    if (published === null) continue;
    const olderWorkspace = readPublished(published);
    workspaces.set(published.number, olderWorkspace);
    older.set(published.number, compileRuleset(olderWorkspace, published.number, published.versions));
    for (const [name, number] of Object.entries(published.versions)) known.add(`${name}@${number}`);
  }
  return { rulesets: rulesetsOf(current, [...older.values()]), workspace, workspaces };
}

function readPublished(published: PublishedRuleset): Workspace {
  const { workspace, diagnostics } = readWorkspace(published.files);
  if (workspace === null) throw new RulesetUnreadableError(published.number, diagnostics);
  return workspace;
}
