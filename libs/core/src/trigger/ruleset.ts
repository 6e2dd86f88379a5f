import type { Settings } from '../rules/model.js';
import type { CompiledRule, CompiledStart, ItemStartPlan, SilencePlan } from './compiled-rule.js';
import type { CalendarPlan } from './calendar/compile-calendar.js';
import type { ComputedPlan } from './computed/compile-computed.js';
import type { Definitions } from './computed/definitions.js';
import type { ComputedReader } from './computed/read-computed.js';
import type { RingPlan } from './identity/compile-ring.js';
import type { SegmentPlan } from './computed/segment-plan.js';
import type { Test } from './conditions/condition-context.js';
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
  /** What there is to do when a customer enters or leaves a segment; undefined: nothing. */
  planForChange(kind: 'enters' | 'leaves', segment: string): EventPlan | undefined;
  /** Silences that any track, page or screen call breaks. */
  readonly anyEvent: readonly SilencePlan[];
  silence(fingerprint: number): SilencePlan | undefined;
  /** Silences whose length may change while they last. */
  readonly silencesOfCustomer: readonly SilencePlan[];
  /** Starts `date` and `every`, in the order (rule, place). */
  readonly calendar: readonly CalendarPlan[];
  calendarPlan(fingerprint: number): CalendarPlan | undefined;
  counter(fingerprint: number): CounterPlan | undefined;
  /** What `customer.NAME` and `segment` mean: segments.yaml. */
  readonly definitions: Definitions;
  computed(fingerprint: number): ComputedPlan | undefined;
  /** Segments whose comings and goings somebody listens to, sorted by name. */
  readonly segments: readonly SegmentPlan[];
  segment(fingerprint: number): SegmentPlan | undefined;
  /** What there is to do for events about things of a name; undefined: nothing. */
  itemStartsFor(name: string): readonly ItemRule[] | undefined;
  /** Lists whose entries some rule wants to hear of, by fingerprint. */
  readonly watchedLists: ReadonlySet<number>;
  /** events.yaml: events about a thing → the property that names it. */
  readonly items: { readonly [event: string]: string };
  /** Computed attributes by name, as templates and delivery read them. */
  readonly attributes: ReadonlyMap<string, ComputedReader>;
  /** Of the segments that `channels by segment` names; undefined for all others. */
  segmentTest(name: string): Test | undefined;
  /**
   * Fingerprints of all that is counted and kept. What the ruleset before did not have is empty until somebody fills it
   * from retained events; `CompiledRule.needs` says which rules wait for it.
   */
  readonly history: ReadonlySet<number>;
  /** Fingerprints of history that is still being filled: rules that need one of them start nothing. */
  readonly warming: ReadonlySet<number>;
}

export interface ItemRule {
  readonly rule: CompiledRule;
  readonly starts: readonly ItemStartPlan[];
}

/** All that the current rules have to do with events of one name, or one change of a segment, so that a thousand other rules cost nothing. */
export interface EventPlan {
  /** By rule, sorted by name. */
  readonly starts: readonly { readonly rule: CompiledRule; readonly occasions: readonly CompiledStart[] }[];
  readonly silences: readonly SilencePlan[];
  readonly counters: readonly CounterPlan[];
  readonly computed: readonly ComputedPlan[];
  /** Segments that it may change, sorted by name. */
  readonly segments: readonly SegmentPlan[];
  /** Some rule stops, reaches its goal or ends a wait with it. */
  readonly listened: boolean;
  /** What is remembered of it for runs that are handed over later; null: no rule stops, reaches its goal or ends a wait with it. */
  readonly ring: RingPlan | null;
}

/** The ruleset in force, and the older rule versions that runs still keep. */
export interface Rulesets {
  readonly current: Ruleset;
  /** undefined: not loaded; what needs it throws MissingRuleVersionError. */
  rule(name: string, version: number): CompiledRule | undefined;
  /** As `Ruleset.concerns`, for the current ruleset and all older ones that are loaded. */
  concerns(type: string, name: string | null): boolean;
}
