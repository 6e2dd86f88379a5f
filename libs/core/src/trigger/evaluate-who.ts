import { traitsWrittenBy, type CustomerState } from '../customer/customer-state.js';
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
  const { timeZone, defaultTime } = rulesets.current.settings;
  return rule.who({
    state,
    timeZone,
    defaultTime,
    now,
    event: null,
    start,
    starts,
    startedAt,
    named: null,
    round: null,
    overlay: traitsWrittenBy(state, message.rule, message.key, message.occurrence),
    item: undefined,
    entry: undefined,
  });
}
