import type { CustomerState } from '../customer/customer-state.js';
import type { EvaluateOptions } from './apply-event.js';
import type { Effects } from './effects.js';
import type { Rulesets } from './ruleset.js';

/**
 * Fires all timers of this customer with fireAt < `before` in the order (due, rule, key), those included that are
 * armed by it and already due. The core sees now = due. Appends to `effects`.
 * @returns whether the state has changed and must be written
 */
export function fireTimers(rulesets: Rulesets, state: CustomerState, before: number, effects: Effects, options: EvaluateOptions = {}): boolean {
  throw new Error(`not yet ${rulesets.current.number} ${state.id} ${before} ${effects.planned.length} ${options.explain}`);
}
