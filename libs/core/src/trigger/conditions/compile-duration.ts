import type { Duration } from '../../rules/model.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';

/** ms; null: the customer's duration is unknown and nothing is said for that case. */
export type ReadDuration = (context: ConditionContext) => number | null;

/** Meaning: rule-language.md, Moments and durations. */
export function compileDuration(duration: Duration, _plans: CounterPlans): ReadDuration {
  if (duration.kind === 'fixed') {
    const { ms } = duration;
    return () => ms;
  }
  throw new RangeError('a duration of a customer is not compiled yet');
}
