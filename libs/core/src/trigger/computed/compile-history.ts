import type { Rule, Workspace } from '../../rules/model.js';
import type { CompiledRule } from '../compiled-rule.js';
import { compileSegment } from '../conditions/compile-condition.js';
import type { Test } from '../conditions/condition-context.js';
import { CounterPlans, type CounterPlan } from '../conditions/history.js';
import { compileComputed, type ComputedPlan } from './compile-computed.js';
import { compileSegmentPlan, listenedSegments, waitedFor, type SegmentPlan } from './segment-plan.js';

/** All that a ruleset counts, keeps and judges as events arrive, by fingerprint. */
export interface CompiledHistory {
  readonly counters: ReadonlyMap<number, CounterPlan>;
  readonly computed: ReadonlyMap<number, ComputedPlan>;
  /** Those whose comings and goings somebody listens to, sorted by name. */
  readonly segments: readonly SegmentPlan[];
  /** Those that delivery asks for, by name. */
  readonly segmentTests: ReadonlyMap<string, Test>;
}

/** Everything in segments.yaml is kept, whether or not a rule asks: templates and delivery may. */
export function compileHistory(workspace: Workspace, rules: readonly CompiledRule[]): CompiledHistory {
  const plans = new CounterPlans(workspace);
  for (const name of Object.keys(workspace.computed)) plans.computed.add(name);
  for (const { segment } of workspace.settings.channelsBySegment) compileSegment(segment, plans);
  const attributes = compileComputed(plans);
  const listened = new Set(rules.flatMap(({ source }) => segmentsOf(source)));
  const segments = [...listened].sort().map((name) => compileSegmentPlan(name, workspace));
  const parts = [...rules, ...segments];
  const computed = [...attributes, ...parts.flatMap((part) => part.computed)];
  return {
    counters: mergedCounters([...plans.all(), ...parts.flatMap((part) => part.counters)]),
    computed: new Map(computed.map((plan) => [plan.fingerprint, plan])),
    segments,
    segmentTests: plans.segments,
  };
}

/** Fingerprints of what a rule leans on: in its conditions, in the lists it watches, in the segments it listens to. */
export function historyNeeded(rule: Rule, plans: CounterPlans, computed: readonly ComputedPlan[]): number[] {
  const segments = [...new Set(segmentsOf(rule))].map((name) => compileSegmentPlan(name, plans.workspace));
  const parts = [...plans.all(), ...computed, ...segments.flatMap((part) => [...part.counters, ...part.computed])];
  return [...new Set(parts.map(({ fingerprint }) => fingerprint))];
}

/** Names of the segments whose comings and goings it listens to. */
function segmentsOf({ starts, stop, goal, steps }: Rule): string[] {
  return listenedSegments([...starts, ...stop, ...(goal?.occasions ?? []), ...waitedFor(steps)]);
}

/** Conditions of several rules that count the same share a counter, which keeps what the most demanding of them needs. */
function mergedCounters(counters: readonly CounterPlan[]): Map<number, CounterPlan> {
  const merged = new Map<number, CounterPlan>();
  for (const counter of counters) {
    const known = merged.get(counter.fingerprint);
    if (known === undefined || known.keptTimes < counter.keptTimes) merged.set(counter.fingerprint, counter);
  }
  return merged;
}
