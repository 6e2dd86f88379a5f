import type { DatedMoment } from '../../rules/model.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';

/**
 * ms; null: its path leads to no date.
 * @param from the instant it is asked at, ms: `"10:00"` is the next one strictly later than this.
 */
export type ReadDatedMoment = (context: ConditionContext, from: number) => number | null;

/** Meaning: rule-language.md, Moments and durations. */
export function compileMoment(dated: DatedMoment, _plans: CounterPlans): ReadDatedMoment {
  throw new RangeError(`not compiled yet: ${dated.moment.kind}`);
}
