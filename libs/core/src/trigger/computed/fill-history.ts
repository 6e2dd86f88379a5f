import type { CustomerState } from '../../customer/customer-state.js';
import { noEffects } from '../effects.js';
import { beginEvaluation } from '../evaluation.js';
import { followCustomer } from '../follow-customer.js';
import type { Ruleset, Rulesets } from '../ruleset.js';
import { settleSegments } from './judge-segments.js';

/** Kairos says these itself: the recorded history does not hold them. */
const OWN_WORDS = /^Message /;

/**
 * What `next` counts and keeps that `before` did not, as far as recorded events can fill it: what listens to Kairos' own
 * words, or to what rules emit, begins empty.
 */
export function historyToFill(before: Ruleset, next: Ruleset): ReadonlySet<number> {
  const emitted = emittedBy([before, next]);
  const isRecorded = (name: string): boolean => !OWN_WORDS.test(name) && !emitted.has(name);
  const added = [...next.history].filter((fingerprint) => !before.history.has(fingerprint));
  return new Set(added.filter((fingerprint) => namesIn(next, fingerprint).every(isRecorded)));
}

/** Whether customers have to meet `next` before they do something themselves. */
export function isMetAnew(before: Ruleset, next: Ruleset): boolean {
  const { history, watchedLists, segments, calendar } = next;
  return (
    [...history].some((fingerprint) => !before.history.has(fingerprint)) ||
    watchesAnew(before, { watchedLists }) ||
    segments.some(({ fingerprint }) => before.segment(fingerprint) === undefined) ||
    calendar.some(({ fingerprint }) => before.calendarPlan(fingerprint) === undefined)
  );
}

/** Whether it looks into lists that nobody looked into. */
export function watchesAnew(before: Ruleset, { watchedLists }: Pick<Ruleset, 'watchedLists'>): boolean {
  return [...watchedLists].some((list) => !before.watchedLists.has(list));
}

function emittedBy(rulesets: readonly Ruleset[]): ReadonlySet<string> {
  const steps = rulesets.flatMap(({ rules }) => rules.flatMap((rule) => rule.steps));
  return new Set(steps.flatMap((step) => (step.kind === 'emit' ? [step.event] : [])));
}

function namesIn(ruleset: Ruleset, fingerprint: number): readonly string[] {
  const plan = ruleset.computed(fingerprint);
  return plan === undefined ? (ruleset.counter(fingerprint)?.names ?? []) : [...plan.of, ...plan.until];
}

/** The same rulesets while this much of their history is being filled: rules that need it start nothing. */
export function withWarming(rulesets: Rulesets, warming: ReadonlySet<number>): Rulesets {
  return { ...rulesets, current: { ...rulesets.current, warming } };
}

/**
 * Takes over what a replay of all recorded events of the customer has counted and kept. Memberships that lean on it are
 * judged anew, silently, and timers follow what has changed.
 * @param replayed a state of its own, to which all her events up to the present were applied
 * @param fingerprints `historyToFill`
 * @param logTime where the stream is, ms
 * @returns whether the state has changed and must be written
 */
export function fillHistory(
  rulesets: Rulesets,
  state: CustomerState,
  replayed: CustomerState,
  { fingerprints, logTime }: { readonly fingerprints: ReadonlySet<number>; readonly logTime: number },
): boolean {
  const filled = new Set<number>();
  // What she did is counted where she is known now.
  if (state.identity.redirect !== null) return false;
  for (const fingerprint of fingerprints) {
    const counter = replayed.counters.get(fingerprint);
    const kept = replayed.computed.kept.get(fingerprint);
    if (counter !== undefined) state.counters.set(fingerprint, counter);
    if (kept !== undefined) state.computed.kept.set(fingerprint, kept);
    if (counter !== undefined || kept !== undefined) filled.add(fingerprint);
  }
  if (filled.size === 0) return false;
  const { current } = rulesets;
  const evaluation = beginEvaluation(rulesets, state, noEffects(), {}, logTime);
  for (const { fingerprint, counters, computed } of current.segments)
    if ([...counters, ...computed].some((plan) => filled.has(plan.fingerprint)))
      state.computed.memberships.delete(fingerprint);
  settleSegments(evaluation, current.segments);
  followCustomer(evaluation, { met: true, traits: true, historical: true });
  return true;
}
