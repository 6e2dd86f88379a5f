import type { Settings } from '../rules/model.js';
import type { CompiledRule, CompiledStart, SilencePlan } from './compiled-rule.js';
import type { CounterPlan } from './conditions/history.js';

/** A published workspace, ready to run. */
export interface Ruleset {
  readonly number: number;
  readonly settings: Settings;
  /** Removed rules whose runs end at once, as their publisher chose. */
  readonly stopped: ReadonlySet<string>;
  /** Sorted by name. */
  readonly rules: readonly CompiledRule[];
  /** Whether an event of this type and name (of track calls) can matter to any rule, counter or profile. */
  concerns(type: string, name: string | null): boolean;
  rule(name: string): CompiledRule | undefined;
  /** What there is to do for events of a name; undefined: nothing. */
  planFor(name: string): EventPlan | undefined;
  /** Silences that any track, page or screen call breaks. */
  readonly anyEvent: readonly SilencePlan[];
  silence(fingerprint: number): SilencePlan | undefined;
  counter(fingerprint: number): CounterPlan | undefined;
}

/** All that the current rules have to do with events of one name, so that a thousand other rules cost nothing. */
export interface EventPlan {
  /** By rule, sorted by name. */
  readonly starts: readonly { readonly rule: CompiledRule; readonly occasions: readonly CompiledStart[] }[];
  readonly silences: readonly SilencePlan[];
  readonly counters: readonly CounterPlan[];
  /** Some rule stops, reaches its goal or ends a wait with it. */
  readonly listened: boolean;
}

/** The ruleset in force, and the older rule versions that runs still keep. */
export interface Rulesets {
  readonly current: Ruleset;
  /** undefined: not loaded; what needs it throws MissingRuleVersionError. */
  rule(name: string, version: number): CompiledRule | undefined;
  /** As `Ruleset.concerns`, for the current ruleset and all older ones that are loaded. */
  concerns(type: string, name: string | null): boolean;
}
