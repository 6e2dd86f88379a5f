import type { CustomerState, Run } from '../customer/customer-state.js';
import type { CompiledRule } from './compiled-rule.js';
import { contextAt } from './computed/context-at.js';
import type { ConditionContext, EventView } from './conditions/condition-context.js';
import type { Effects } from './effects.js';
import { MissingRuleVersionError } from './missing-rule-version-error.js';
import type { Rulesets } from './ruleset.js';

export interface EvaluateOptions {
  /** Write `not_started` traces with their details; they cost time on every refused start. Default false. */
  readonly explain?: boolean;
  /** Remember ids of events for ever instead of for a day of log time (simulation). Default false. */
  readonly rememberForever?: boolean;
  /** `fireTimers` stops after a timer that has emitted an event: that comes before the next timer (simulation). */
  readonly untilEmitted?: boolean;
  /** A run has reached a step (coverage of tests). */
  readonly onStep?: (rule: string, path: string) => void;
}

/** What one event or timer of one customer is evaluated with. */
export interface Evaluation {
  readonly rulesets: Rulesets;
  readonly state: CustomerState;
  readonly effects: Effects;
  readonly options: EvaluateOptions;
  readonly context: ConditionContext;
  /** Where on the stream's clock this happens, ms: the log time of an event, the place where a timer acts. */
  clock: number;
  /** A timer is being fired: what it arms and is already due fires in the same pass. */
  byTimer: boolean;
}

export function beginEvaluation(
  rulesets: Rulesets,
  state: CustomerState,
  effects: Effects,
  options: EvaluateOptions,
  clock: number,
): Evaluation {
  const context = contextAt(rulesets.current.settings, state, clock);
  return { rulesets, state, effects, options, context, clock, byTimer: false };
}

/** The context in which conditions of this run are judged at `now`. */
export function contextOf(evaluation: Evaluation, run: Run, event: EventView | null, now: number): ConditionContext {
  const { context } = evaluation;
  context.event = event;
  context.start = run.start;
  context.starts = run.starts;
  context.startedAt = run.startedAt;
  context.now = now;
  return context;
}

/** @throws MissingRuleVersionError where the version the run keeps is not loaded */
export function ruleOf(evaluation: Evaluation, run: Run): CompiledRule {
  const rule = evaluation.rulesets.rule(run.rule, run.version);
  if (rule === undefined) throw new MissingRuleVersionError(run.rule, run.version);
  return rule;
}
