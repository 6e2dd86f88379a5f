import type { CustomerState } from '../../customer/customer-state.js';
import { judgeAllSegments } from '../computed/judge-segments.js';
import type { Effects } from '../effects.js';
import { beginEvaluation, type EvaluateOptions } from '../evaluation.js';
import { followCustomer, meetRuleset } from '../follow-customer.js';
import { meetOccurrences } from '../meet-occurrences.js';
import type { Rulesets } from '../ruleset.js';
import { tidyState } from '../tidy-state.js';

const NO_OPTIONS: EvaluateOptions = {};

/**
 * What a join has changed, where no event of hers comes with it: segments are entered and left, timers follow.
 * @param time event time of what joined the two, ms
 * @param logTime where the stream is, ms
 */
// eslint-disable-next-line max-params -- the sixth has a default; only simulation and tests give it
export function followJoin(
  rulesets: Rulesets,
  state: CustomerState,
  time: number,
  logTime: number,
  effects: Effects,
  options: EvaluateOptions = NO_OPTIONS,
): void {
  const evaluation = beginEvaluation(rulesets, state, effects, options, logTime);
  const met = meetRuleset(evaluation);
  const changes = judgeAllSegments(evaluation, Math.min(time, logTime));
  if (changes.length > 0) meetOccurrences(evaluation, changes);
  followCustomer(evaluation, { met, traits: true, historical: false });
  tidyState(rulesets.current, state, logTime, options);
}
