import type { DatedMoment, Duration } from '../../rules/model.js';
import { compileDuration } from './compile-duration.js';
import { compileMoment } from './compile-moment.js';
import type { ConditionContext } from './condition-context.js';
import type { CounterPlans } from './history.js';

/**
 * ms; null: a duration of the customer that is unknown, or a path that leads to no date.
 * @param from when the step was reached, ms
 */
export type ReadDeadline = (context: ConditionContext, from: number) => number | null;

/** `up to: DURATION` or `until: MOMENT`. */
export function compileDeadline(limit: Duration | DatedMoment, plans: CounterPlans): ReadDeadline {
  if ('moment' in limit) return compileMoment(limit, plans);
  const read = compileDuration(limit, plans);
  return (context, from) => {
    const ms = read(context);
    return ms === null ? null : from + ms;
  };
}
