import type { CustomerState } from '../customer/customer-state.js';
import type { PlannedMessage } from './effects.js';
import type { Rulesets } from './ruleset.js';

/** Whether the rule's `who` holds for this message at `now` (ms); true for rules without `who`. */
export function evaluateWho(rulesets: Rulesets, state: CustomerState, message: PlannedMessage, now: number): boolean {
  throw new Error(`not yet ${rulesets.current.number} ${state.id} ${message.id} ${now}`);
}
