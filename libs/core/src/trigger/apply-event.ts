import type { CustomerState } from '../customer/customer-state.js';
import type { CustomerEvent } from '../event/event.js';
import type { Effects } from './effects.js';
import type { Rulesets } from './ruleset.js';

export interface EvaluateOptions {
  /** Write `not_started` traces with their details; they cost time on every refused start. Default false. */
  readonly explain?: boolean;
  /** Remember ids of applied events for ever instead of for a day of log time (simulation). Default false. */
  readonly rememberForever?: boolean;
}

/**
 * Applies one event of this customer, after `fireTimers` up to the same log time. Appends to `effects`.
 * @param logTime largest append time of the partition so far, this record's included; ms
 * @returns whether the state has changed and must be written
 */
export function applyEvent(
  rulesets: Rulesets,
  state: CustomerState,
  event: CustomerEvent,
  logTime: number,
  effects: Effects,
  options: EvaluateOptions = {},
): boolean {
  throw new Error(`not yet ${rulesets.current.number} ${state.id} ${event.id} ${logTime} ${effects.planned.length} ${options.explain}`);
}
