import { compileRuleset, historyToFill, readWorkspace, type Workspace } from '#core';
import type { PublishedRuleset } from '../ports/ruleset-store.js';

/**
 * Rules that will start nothing at first where `next` takes the place of `before`, since what they count has to be
 * filled from the history. None where this version cannot read what was in force.
 */
export function warmingRules(before: PublishedRuleset | null, next: Workspace): readonly string[] {
  const workspace = before === null ? null : readWorkspace(before.files).workspace;
  if (workspace === null) return [];
  const ruleset = compileRuleset(next, 0, {});
  const warming = historyToFill(compileRuleset(workspace, 0, {}), ruleset);
  return ruleset.rules.filter(({ needs }) => needs.some((each) => warming.has(each))).map(({ name }) => name);
}
