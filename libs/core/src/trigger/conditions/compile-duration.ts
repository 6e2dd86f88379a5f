import type { Duration } from '../../rules/model.js';
import { compileGap } from './compile-gap.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';

/** ms; null: the customer's duration is unknown and nothing is said for that case. */
export type ReadDuration = (context: ConditionContext) => number | null;

/** As every duration (rule-language.md, Moments and durations). */
const LONGEST_MS = 730 * 86_400_000;

/**
 * Meaning: rule-language.md, Moments and durations. One of a customer is rounded to whole milliseconds and never longer
 * than 730 days; one that would be zero, of events that all came at one time, is as good as unknown.
 */
export function compileDuration(duration: Duration, plans: CounterPlans): ReadDuration {
  if (duration.kind === 'fixed') {
    const { ms } = duration;
    return () => ms;
  }
  const { factor, orMs } = duration;
  const gapOf = compileGap(duration.path, plans);
  return (context) => {
    const gap = gapOf(context);
    const ms = gap === null ? 0 : Math.min(Math.round(factor * gap), LONGEST_MS);
    return ms > 0 ? ms : orMs;
  };
}
