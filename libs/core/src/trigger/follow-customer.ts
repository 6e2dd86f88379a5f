import type { CustomerState } from '../customer/customer-state.js';
import { followCalendar } from './calendar/follow-calendar.js';
import { settleSegments } from './computed/judge-segments.js';
import { noEffects } from './effects.js';
import { beginEvaluation, type Evaluation } from './evaluation.js';
import type { Rulesets } from './ruleset.js';
import { followSilence } from './silences.js';
import { moveWaits } from './wait-until.js';

/** What may have changed since the timers of a customer were armed. */
export interface CustomerChange {
  /** The customer was heard of for the first time, or for the first time under this ruleset. */
  readonly met: boolean;
  /** Traits have changed, the time zone among them; computed values are always asked. */
  readonly traits: boolean;
  /** By imported history, which starts nothing. */
  readonly historical: boolean;
}

/**
 * Lets the timers that are read from the customer follow: waits for a moment, silences of the customer's own length,
 * calendar starts. Each is one instant in the state, moved only when what it is read from has changed.
 * @returns whether the state has changed
 */
export function followCustomer(evaluation: Evaluation, { met, traits, historical }: CustomerChange): boolean {
  const { clock, rulesets } = evaluation;
  const { current } = rulesets;
  if (clock === -Infinity) return false;
  let changed = moveWaits(evaluation, clock);
  for (const plan of current.silencesOfCustomer) if (followSilence(evaluation, plan, historical)) changed = true;
  // Events go before the timers of their instant, so a date at this very instant is yet to come.
  const after = met ? clock : clock - 1;
  for (const plan of current.calendar)
    if ((traits || plan.isComputed) && followCalendar(evaluation, plan, after)) changed = true;
  return changed;
}

/**
 * Lets a stored state meet the ruleset in force where no event of the customer does it: to be called for every customer
 * after a publication, and when the stream's clock begins.
 * @param logTime where the stream is, ms
 * @returns whether the state has changed and must be written
 */
export function adoptRuleset(rulesets: Rulesets, state: CustomerState, logTime: number): boolean {
  if (state.identity.redirect !== null) return false;
  const evaluation = beginEvaluation(rulesets, state, noEffects(), {}, logTime);
  const settled = settleSegments(evaluation, rulesets.current.segments);
  return meetRuleset(evaluation) || settled;
}

/**
 * A state that meets a ruleset for the first time: calendar starts of rules that are gone are dropped, those that are
 * new or written otherwise are armed for what lies after the stream's clock, since publishing starts nobody for the
 * past (rule-language.md, Exact meaning 12). So is a customer who is heard of for the first time.
 * @returns whether the state has changed
 */
export function meetRuleset(evaluation: Evaluation): boolean {
  const { clock, rulesets, state } = evaluation;
  const { current } = rulesets;
  const { calendar, silences } = state;
  // Before the first event of a simulation the stream has no clock yet, and nothing lies after it.
  if (calendar.ruleset === current.number || clock === -Infinity) return false;
  if (current.calendar.length === 0 && calendar.timers.size === 0 && silences.size === 0) return false;
  calendar.ruleset = current.number;
  for (const fingerprint of [...calendar.timers.keys()])
    if (current.calendarPlan(fingerprint) === undefined) calendar.timers.delete(fingerprint);
  for (const plan of current.calendar) followCalendar(evaluation, plan, clock);
  for (const fingerprint of silences.keys()) {
    const plan = current.silence(fingerprint);
    if (plan !== undefined) followSilence(evaluation, plan, true);
  }
  return true;
}
