import { PUSH_TOKENS, type Counter, type CustomerState } from '../../customer/customer-state.js';
import { rememberIds } from '../../customer/identity-state.js';
import { newKept } from '../../customer/computed-state.js';
import type { Json } from '../../event/event.js';
import { KEPT_PUSH_TOKENS } from '../apply-profile.js';
import type { CompiledRule } from '../compiled-rule.js';
import type { ComputedPlan } from '../computed/compile-computed.js';
import { joinCounters, type CounterPlan } from '../conditions/history.js';
import type { Effects } from '../effects.js';
import { beginEvaluation, ruleOf, type EvaluateOptions, type Evaluation } from '../evaluation.js';
import type { Rulesets } from '../ruleset.js';
import { joinRuns } from './join-runs.js';
import { joinTimers } from './join-timers.js';

const NO_OPTIONS: EvaluateOptions = {};

/**
 * Joins all that is known of another id to its customer: runs, counters, traits, segments, calendar, pauses (engine.md,
 * Identity). Runs are first held against what happened under the other id, so what was paid for under either name
 * reminds nobody. Joining the same ids in another order comes to the same; joining twice is the business of whoever
 * calls: `isJoined` says whether it was done. What the customer now is in segments and calendar is judged by
 * `applyEvent` with `joined`, or by `followJoin`.
 * @param from is used up
 * @param logTime where the stream is, ms
 * @throws MissingRuleVersionError; both states are then half changed and must be thrown away
 */
// eslint-disable-next-line max-params -- the sixth has a default; only simulation and tests give it
export function joinCustomers(
  rulesets: Rulesets,
  state: CustomerState,
  from: CustomerState,
  logTime: number,
  effects: Effects,
  options: EvaluateOptions = NO_OPTIONS,
): void {
  const evaluation = beginEvaluation(rulesets, state, effects, options, logTime);
  const plans = plansOf(evaluation, from);
  rememberIds(state.identity, [...from.identity.merged, from.id]);
  if (from.identity.named) state.identity.named = true;
  joinProfile(state, from);
  joinHistory(evaluation, from, plans);
  joinTimers(evaluation, from);
  joinRuns(evaluation, from);
  state.ruleset = Math.min(state.ruleset, from.ruleset);
}

/** Whether this id was joined to the customer. */
export function isJoined({ id: own, identity }: CustomerState, id: string): boolean {
  return own === id || identity.merged.includes(id);
}

function joinProfile(state: CustomerState, from: CustomerState): void {
  const tokens = tokensOf(state, from);
  state.traits.join(from.traits);
  if (tokens !== null) state.traits.set(PUSH_TOKENS, tokens.list, tokens.time);
  for (const written of from.written) {
    const earlier = state.written.findLastIndex((other) => other.time <= written.time);
    state.written.splice(earlier + 1, 0, written);
  }
  state.pauses.push(...from.pauses);
  state.seen.join(from.seen);
  for (const { rule, key, time } of from.accepted) {
    const known = state.accepted.find((start) => start.rule === rule && start.key === key);
    if (known === undefined) state.accepted.push({ rule, key, time });
    else known.time = Math.max(known.time, time);
  }
}

/** Every device is hers; the one that was heard of last is the newest. */
function tokensOf(state: CustomerState, from: CustomerState): { readonly list: Json; readonly time: number } | null {
  const sides = [state, from].map(({ traits }) => ({
    list: traits.get(PUSH_TOKENS),
    time: traits.timeOf(PUSH_TOKENS),
  }));
  const known = sides.filter(({ list }) => Array.isArray(list)).sort((a, b) => a.time - b.time);
  if (known.length < 2) return null;
  const all = known.flatMap(({ list }) => list as readonly string[]);
  const unique = all.filter((token, place) => all.lastIndexOf(token) === place);
  return { list: unique.slice(-KEPT_PUSH_TOKENS), time: known[1]!.time };
}

interface Plans {
  readonly counter: (fingerprint: number) => CounterPlan | undefined;
  readonly computed: (fingerprint: number) => ComputedPlan | undefined;
}

/** What counts and keeps: the current rules, and older versions that runs of either side still follow. */
function plansOf(evaluation: Evaluation, from: CustomerState): Plans {
  const { current } = evaluation.rulesets;
  const pinned = new Set<CompiledRule>();
  for (const run of [...evaluation.state.runs, ...from.runs]) pinned.add(ruleOf(evaluation, run));
  const find = <T extends { readonly fingerprint: number }>(
    fingerprint: number,
    of: (rule: CompiledRule) => readonly T[],
  ): T | undefined => {
    for (const rule of pinned) for (const plan of of(rule)) if (plan.fingerprint === fingerprint) return plan;
    return undefined;
  };
  return {
    counter: (fingerprint) => current.counter(fingerprint) ?? find(fingerprint, (rule) => rule.counters),
    computed: (fingerprint) => current.computed(fingerprint) ?? find(fingerprint, (rule) => rule.computed),
  };
}

function joinHistory({ state, clock }: Evaluation, from: CustomerState, plans: Plans): void {
  for (const [fingerprint, counter] of from.counters) {
    const known: Counter = state.counters.get(fingerprint) ?? { total: 0, times: [], events: [] };
    joinCounters(plans.counter(fingerprint), known, counter);
    state.counters.set(fingerprint, known);
  }
  const { kept, memberships } = state.computed;
  for (const [fingerprint, material] of from.computed.kept) {
    const plan = plans.computed(fingerprint);
    // Nobody asks for it any more.
    if (plan === undefined) continue;
    const known = kept.get(fingerprint) ?? newKept();
    plan.keeper.join(known, material, clock);
    kept.set(fingerprint, known);
  }
  for (const [fingerprint, { inside, flipsAt }] of from.computed.memberships) {
    const known = memberships.get(fingerprint);
    if (known === undefined) memberships.set(fingerprint, { inside, flipsAt });
    else if (inside) known.inside = true;
  }
}
