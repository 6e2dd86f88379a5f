import { occurrenceOf, traitsWrittenBy, type CustomerState, type Run } from '../customer/customer-state.js';
import type { CompiledRule } from './compiled-rule.js';
import { contextAt } from './computed/context-at.js';
import type { ConditionContext, EventView } from './conditions/condition-context.js';
import type { Chance } from './chance-decider.js';
import type { Effects } from './effects.js';
import { MissingRuleVersionError } from './missing-rule-version-error.js';
import type { Rulesets } from './ruleset.js';

export interface EvaluateOptions {
  /** Write `not_started` traces with their details; they cost time on every refused start. Default false. */
  readonly explain?: boolean;
  /** Remember ids of events for ever instead of for a day of log time (simulation). Default false. */
  readonly rememberForever?: boolean;
  /** No event is a copy of another: whoever gives them has seen to that, so their ids are not remembered (simulation). */
  readonly eachOnce?: boolean;
  /** Called by `fireTimers` after a timer that has emitted events: they are applied before the next timer (simulation). */
  readonly onEmitted?: () => void;
  /** A timer fires; `late`: it was born late, by an event that came late. */
  readonly onTimer?: (late: boolean) => void;
  /** A run has reached a step (coverage of tests). */
  readonly onStep?: (rule: string, path: string) => void;
  /** Another id of the customer was just joined (`joinCustomers`): all that may have changed by it changes with this event. */
  readonly joined?: boolean;
  /** Instead of chance (tests of rules). */
  readonly chance?: Chance;
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

/** The context in which values of the customer are read at `now`, outside of every run. */
export function askAboutCustomer({ context }: Evaluation, now: number): ConditionContext {
  context.event = context.start = null;
  context.starts = context.named = context.round = context.overlay = null;
  context.startedAt = context.now = now;
  return context;
}

/** The context in which conditions of this run are judged at `now`. */
export function contextOf(evaluation: Evaluation, run: Run, event: EventView | null, now: number): ConditionContext {
  const { context } = evaluation;
  context.event = event;
  context.start = run.start;
  context.starts = run.starts;
  context.startedAt = run.startedAt;
  context.named = run.named;
  context.round = run.rounds.at(-1) ?? null;
  context.overlay = traitsWrittenBy(evaluation.state, run.rule, run.key, occurrenceOf(run));
  context.now = now;
  return context;
}

/** The context before a run is in sight: `start` is what happens itself, at `now`. */
export function contextWithoutRun(
  evaluation: Evaluation,
  event: EventView | null,
  start: EventView,
  now: number,
): ConditionContext {
  const { context } = evaluation;
  context.event = event;
  context.start = start;
  context.starts = event === null ? [start] : null;
  context.startedAt = context.now = now;
  context.named = context.round = context.overlay = null;
  return context;
}

/** @throws MissingRuleVersionError where the version the run keeps is not loaded */
export function ruleOf(evaluation: Evaluation, run: Run): CompiledRule {
  const rule = evaluation.rulesets.rule(run.rule, run.version);
  if (rule === undefined) throw new MissingRuleVersionError(run.rule, run.version);
  return rule;
}
