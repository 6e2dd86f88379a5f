import type { CustomerState, RunKey } from '../../customer/customer-state.js';
import type { Json } from '../../event/event.js';
import { contextAt } from '../computed/context-at.js';
import { customerValues } from '../computed/customer-values.js';
import { MissingRuleVersionError } from '../missing-rule-version-error.js';
import type { Rulesets } from '../ruleset.js';
import { explainCondition } from '../explain-condition.js';
import { compileCondition } from '../conditions/compile-condition.js';
import { CounterPlans } from '../conditions/history.js';

/** A run that has not ended: where it stands. Instants are ms. */
export interface OpenRun {
  readonly rule: string;
  readonly key: RunKey;
  readonly startedAt: number;
  readonly heldOut: boolean;
  /** Path of the step that it waits at, or will do when the clock has come to it. */
  readonly step: string;
  /** null: it is suspended. */
  readonly until: number | null;
}

/** In the order (rule, key). */
export function openRuns(rulesets: Rulesets, state: CustomerState): readonly OpenRun[] {
  return state.runs.map(({ rule, version, key, startedAt, heldOut, node, fireAt, due }) => {
    const compiled = rulesets.rule(rule, version);
    if (compiled === undefined) throw new MissingRuleVersionError(rule, version);
    const until = fireAt === Infinity ? null : due;
    return { rule, key, startedAt, heldOut, step: compiled.steps[node]!.path, until };
  });
}

/** What is known of a customer at an instant. */
export interface KnownOfCustomer {
  /** Traits and computed attributes by name. */
  readonly values: { readonly [name: string]: Json };
  /** All of segments.yaml, by name, each with why. */
  readonly segments: readonly { readonly name: string; readonly inside: boolean; readonly why: string }[];
}

/** @param now ms */
export function knownOfCustomer(rulesets: Rulesets, state: CustomerState, now: number): KnownOfCustomer {
  const { definitions, settings } = rulesets.current;
  const context = contextAt(settings, state, now);
  const segments = Object.entries(definitions.segments).map(([name, condition]) => ({
    name,
    inside: compileCondition(condition, new CounterPlans(definitions))(context),
    why: explainCondition(condition, context, definitions),
  }));
  return { values: customerValues(rulesets, state, now), segments };
}
