import type { CustomerState, Run, Silence } from '../customer/customer-state.js';
import { armTimer, disarmTimer } from './arm-timer.js';
import type { SilencePlan } from './compiled-rule.js';
import { flipSegments } from './computed/judge-segments.js';
import type { Effects } from './effects.js';
import { beginEvaluation, ruleOf, type EvaluateOptions, type Evaluation } from './evaluation.js';
import { meetOccurrences } from './meet-occurrences.js';
import { compareKeys, compareTexts } from './run-key.js';
import { resumeRun } from './run-steps.js';
import type { Rulesets } from './ruleset.js';
import { considerStart } from './start-run.js';
import { tidyState } from './tidy-state.js';

const NO_OPTIONS: EvaluateOptions = {};

type DueTimer =
  /** Time alone has changed a segment. */
  | { readonly kind: 'flip'; readonly due: number }
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'silence'; readonly fingerprint: number; readonly silence: Silence; readonly plan: SilencePlan };

/**
 * Fires all timers of this customer with fireAt < `before` in the order (due, rule, key), those included that are
 * armed by it and already due. The core sees now = due. Appends to `effects`.
 * @param before largest append time of the partition including the record that is about to be applied, ms
 * @returns whether the state has changed and must be written
 * @throws MissingRuleVersionError; the state is then half changed and must be thrown away
 */
export function fireTimers(
  rulesets: Rulesets,
  state: CustomerState,
  before: number,
  effects: Effects,
  options: EvaluateOptions = NO_OPTIONS,
): boolean {
  let changed = dropUnknownSilences(rulesets, state, before);
  const evaluation = beginEvaluation(rulesets, state, effects, options, before);
  evaluation.byTimer = true;
  for (let next = firstDue(rulesets, state, before); next !== null; next = firstDue(rulesets, state, before)) {
    changed = true;
    if (options.untilEmitted === true && effects.emitted.length > 0) break;
    if (next.kind === 'flip') {
      evaluation.clock = state.computed.flip.actsAt;
      const changes = flipSegments(evaluation);
      if (changes.length > 0) meetOccurrences(evaluation, changes);
    } else if (next.kind === 'run') {
      evaluation.clock = next.run.actsAt;
      resumeRun(evaluation, ruleOf(evaluation, next.run), next.run);
    } else {
      evaluation.clock = next.silence.actsAt;
      endSilence(evaluation, next.silence, next.plan);
    }
  }
  if (changed) tidyState(rulesets.current, state, before, options);
  return changed;
}

function firstDue(rulesets: Rulesets, state: CustomerState, before: number): DueTimer | null {
  const { flip } = state.computed;
  let first: DueTimer | null = flip.fireAt < before ? { kind: 'flip', due: flip.due } : null;
  for (const run of state.runs) {
    if (run.fireAt >= before) continue;
    const candidate: DueTimer = { kind: 'run', run };
    if (first === null || compareTimers(candidate, first) < 0) first = candidate;
  }
  for (const [fingerprint, silence] of state.silences) {
    if (silence.fireAt >= before) continue;
    const plan = rulesets.current.silence(fingerprint);
    if (plan === undefined) continue;
    const candidate: DueTimer = { kind: 'silence', fingerprint, silence, plan };
    if (first === null || compareTimers(candidate, first) < 0) first = candidate;
  }
  return first;
}

function compareTimers(left: DueTimer, right: DueTimer): number {
  const [a, b] = [placeOf(left), placeOf(right)];
  return a.due - b.due || compareTexts(a.rule, b.rule) || compareKeys(a.key, b.key) || a.fingerprint - b.fingerprint;
}

function placeOf(timer: DueTimer): { due: number; rule: string; key: Run['key']; fingerprint: number } {
  // Segments come before all rules, as they do for an event.
  if (timer.kind === 'flip') return { due: timer.due, rule: '', key: null, fingerprint: 0 };
  if (timer.kind === 'run') return { due: timer.run.due, rule: timer.run.rule, key: timer.run.key, fingerprint: 0 };
  return { due: timer.silence.due, rule: timer.plan.rule, key: null, fingerprint: timer.fingerprint };
}

/** The silence has lasted: a start at the instant at which it did, once. */
function endSilence(evaluation: Evaluation, silence: Silence, plan: SilencePlan): void {
  const due = silence.last.time + plan.durationMs;
  if (due > silence.due) {
    // The rule was published anew with a longer duration since this was armed.
    armTimer(silence, due, plan.durationMs, evaluation);
    return;
  }
  const time = silence.due;
  const rule = evaluation.rulesets.current.rule(plan.rule)!;
  disarmTimer(silence);
  considerStart(evaluation, {
    rule,
    key: null,
    time,
    lateness: evaluation.clock - time,
    snapshot: silence.last,
    event: null,
  });
}

/** Silences of rules that are gone: nobody would end them. */
function dropUnknownSilences(rulesets: Rulesets, state: CustomerState, before: number): boolean {
  let dropped = false;
  for (const [fingerprint, silence] of state.silences) {
    if (silence.fireAt < before && rulesets.current.silence(fingerprint) === undefined) {
      state.silences.delete(fingerprint);
      dropped = true;
    }
  }
  return dropped;
}
