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
  return latest === null ? null : loadWith(store, latest);
}

/** With this ruleset in force. Throws RangeError where it was never published, RulesetUnreadableError, StoreError. */
export async function loadRulesetsAt(store: RulesetStore, number: number): Promise<LoadedRulesets> {
  const published = await store.at(number);
  if (published === null) throw new RangeError(`ruleset ${number} was never published`);
  return loadWith(store, published);
}

async function loadWith(store: RulesetStore, inForce: PublishedRuleset): Promise<LoadedRulesets> {
  const workspace = readPublished(inForce);
  const current = compileRuleset(workspace, inForce.number, inForce.versions, { stopped: inForce.stopped });
  const workspaces = new Map([[inForce.number, workspace]]);
  const older = new Map<number, Ruleset>();
  const known = new Set(Object.entries(inForce.versions).map(([rule, version]) => `${rule}@${version}`));
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
