import type { Workspace } from '../rules/model.js';
import type { Ruleset, Rulesets } from './ruleset.js';

/** @param versions of the rules, by name; a rule that is not named has version 1 */
export function compileRuleset(workspace: Workspace, number: number, versions: { readonly [rule: string]: number }): Ruleset {
  throw new Error(`not yet: ${number} ${Object.keys(versions).length} ${workspace.rules.length}`);
}

/** @param older rulesets that hold rule versions which runs still keep */
export function rulesetsOf(current: Ruleset, older: readonly Ruleset[] = []): Rulesets {
  throw new Error(`not yet: ${current.number} ${older.length}`);
}
