import { compileRuleset, historyToFill, rulesetsOf, type Rulesets, type Workspace, type WorkspaceFile } from '#core';
import type { RulesetStore } from '../ports/ruleset-store.js';
import { loadRulesets } from './load-rulesets.js';

/** What would be in force if this workspace were published now, and what of its history would have to be filled first. */
export interface RulesetsToBe {
  readonly rulesets: Rulesets;
  readonly filled: ReadonlySet<number>;
}

/** Throws RulesetUnreadableError, StoreError. */
export async function rulesetsToBe(
  store: RulesetStore,
  workspace: Workspace,
  files: readonly WorkspaceFile[],
): Promise<RulesetsToBe> {
  const loaded = await loadRulesets(store);
  if (loaded === null) return { rulesets: rulesetsOf(compileRuleset(workspace, 1, {})), filled: new Set() };
  const before = loaded.rulesets.current;
  const published = await store.latest();
  const textOf = (all: readonly WorkspaceFile[], rule: string): Uint8Array | undefined =>
    all.find(({ path }) => path === `rules/${rule}.yaml`)?.bytes;
  const known = await store.knownVersions();
  const versions = workspace.rules.map(({ name }) => {
    const [old, now] = [textOf(published?.files ?? [], name), textOf(files, name)];
    const isSame = old !== undefined && now !== undefined && isSameText(old, now);
    const latest = Math.max(0, ...known.filter(({ rule }) => rule === name).map(({ version }) => version));
    return [name, isSame ? published!.versions[name]! : latest + 1] as const;
  });
  const current = compileRuleset(workspace, before.number + 1, Object.fromEntries(versions));
  const rule: Rulesets['rule'] = (name, version) => {
    const own = current.rule(name);
    return own?.version === version ? own : loaded.rulesets.rule(name, version);
  };
  return {
    rulesets: { current, rule, concerns: (type, name) => current.concerns(type, name) },
    filled: historyToFill(before, current),
  };
}

function isSameText(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}
