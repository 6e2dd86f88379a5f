import { traitsWrittenBy, type CustomerState } from '../customer/customer-state.js';
import type { CompiledRule } from './compiled-rule.js';
import { contextAt } from './computed/context-at.js';
import type { ConditionContext } from './conditions/condition-context.js';
import type { PlannedMessage } from './effects.js';
import { explainCondition } from './explain-condition.js';
import { MissingRuleVersionError } from './missing-rule-version-error.js';
import type { Rulesets } from './ruleset.js';

/**
 * Whether the rule's `who` holds for this message at `now` (ms); true for rules without `who`.
 * @throws MissingRuleVersionError where the version of the message's run is not loaded
 */
export function evaluateWho(rulesets: Rulesets, state: CustomerState, message: PlannedMessage, now: number): boolean {
  const rule = ruleOf(rulesets, message);
  return rule.who === null || rule.who(contextOf(rulesets, state, message, now));
}

/** Why it holds or does not, in the values that decide; null for rules without `who`. Slow, for people. */
export function explainWho(
  rulesets: Rulesets,
  state: CustomerState,
  message: PlannedMessage,
  now: number,
): string | null {
  const { who } = ruleOf(rulesets, message).source;
  const context = contextOf(rulesets, state, message, now);
  return who === null ? null : explainCondition(who, context, rulesets.current.definitions);
}

function ruleOf(rulesets: Rulesets, message: PlannedMessage): CompiledRule {
  const rule = rulesets.rule(message.rule, message.version);
  if (rule === undefined) throw new MissingRuleVersionError(message.rule, message.version);
  return rule;
}

function contextOf(rulesets: Rulesets, state: CustomerState, message: PlannedMessage, now: number): ConditionContext {
  const { start, starts, startedAt } = message;
  const overlay = traitsWrittenBy(state, message.rule, message.key, message.occurrence);
  return { ...contextAt(rulesets.current.settings, state, now), start, starts, startedAt, overlay };
}
