import type { CustomerState } from '../../customer/customer-state.js';
import type { Settings } from '../../rules/model.js';
import type { ConditionContext } from '../conditions/condition-context.js';

/** What a condition sees when no run and no event is in sight, at `now` (ms). */
export function contextAt(
  { timeZone, defaultTime }: Pick<Settings, 'timeZone' | 'defaultTime'>,
  state: CustomerState,
  now: number,
): ConditionContext {
  return {
    state,
    timeZone,
    defaultTime,
    now,
    event: null,
    start: null,
    starts: null,
    startedAt: now,
    named: null,
    round: null,
    overlay: null,
    item: undefined,
    entry: undefined,
  };
}
