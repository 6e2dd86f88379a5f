import { traitsWrittenBy, type CustomerState } from '../customer/customer-state.js';
import { contextAt } from './computed/context-at.js';
import type { PlannedMessage } from './effects.js';
import { MissingRuleVersionError } from './missing-rule-version-error.js';
import type { Rulesets } from './ruleset.js';

/**
 * Whether the rule's `who` holds for this message at `now` (ms); true for rules without `who`.
 * @throws MissingRuleVersionError where the version of the message's run is not loaded
 */
export function evaluateWho(rulesets: Rulesets, state: CustomerState, message: PlannedMessage, now: number): boolean {
  const rule = rulesets.rule(message.rule, message.version);
  if (rule === undefined) throw new MissingRuleVersionError(message.rule, message.version);
  if (rule.who === null) return true;
  const { start, starts, startedAt } = message;
  const overlay = traitsWrittenBy(state, message.rule, message.key, message.occurrence);
  return rule.who({ ...contextAt(rulesets.current.settings, state, now), start, starts, startedAt, overlay });
}
