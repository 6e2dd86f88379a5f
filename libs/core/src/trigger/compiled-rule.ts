import type { CustomerState } from '../customer/customer-state.js';
import type { Json } from '../event/event.js';
import type { Again, Condition, Rule, SendStep } from '../rules/model.js';
import type { ComputedPlan } from './computed/compile-computed.js';
import type { CounterPlan } from './conditions/history.js';
import type { Read, Test } from './conditions/condition-context.js';

/** One rule version as closures; runs point into its flattened steps. */
export interface CompiledRule {
  readonly name: string;
  readonly version: number;
  readonly source: Rule;
  readonly eventStarts: readonly CompiledStart[];
  readonly silences: readonly SilencePlan[];
  readonly who: Test | null;
  readonly stop: readonly CompiledOccasion[];
  readonly goal: readonly CompiledOccasion[];
  /** ms; a goal counts less than this after the start. */
  readonly goalWithinMs: number;
  readonly again: Again;
  readonly steps: readonly StepNode[];
  /** Index of the first step. */
  readonly first: number;
  /** Names of events that stop it, reach its goal, or end one of its waits. */
  readonly listensTo: ReadonlySet<string>;
  /** Changes of segments (`changeName`) that do. */
  readonly listensToChanges: ReadonlySet<string>;
  /** Something can withdraw its messages, so its runs remember them. */
  readonly withdraws: boolean;
  /** A condition or template of it mentions `starts`. */
  readonly keepsStarts: boolean;
  readonly counters: readonly CounterPlan[];
  /** Computed attributes that its conditions and values read. */
  readonly computed: readonly ComputedPlan[];
  /** Fingerprints of all history that it leans on, that of segments it listens to included. */
  readonly needs: readonly number[];
  /** `item event`. */
  readonly itemStarts: readonly ItemStartPlan[];
}

export interface CompiledOccasion {
  /** Of events. */
  readonly names: ReadonlySet<string>;
  /** Of segments (`changeName`). */
  readonly changes: ReadonlySet<string>;
  readonly where: Test | null;
  /** Of a message: outside `start` only the run's latest of this template is meant. */
  readonly template: string | null;
}

export interface CompiledStart extends CompiledOccasion {
  /** Where the event alone decides, a refusal is final: the same event is refused again. */
  readonly whereIsFinal: boolean;
  readonly key: readonly { readonly text: string; readonly read: Read }[];
  readonly condition: Condition | null;
}

/** An event about a thing, for those whose list holds it. */
export interface ItemStartPlan {
  readonly names: ReadonlySet<string>;
  /** Fingerprint of the list. */
  readonly list: number;
  /** The entry of this id at `now`; undefined: it is not in the list. */
  readonly entryOf: (state: CustomerState, id: string, now: number) => Json | undefined;
  readonly where: Test | null;
  readonly condition: Condition | null;
}

/** `inactive`: one lazy timer per customer. */
export interface SilencePlan {
  /** Of rule, kind of event and `where`: keeps its place when only the duration changes. */
  readonly fingerprint: number;
  readonly rule: string;
  readonly durationMs: number;
  /** null: any track, page or screen call. */
  readonly names: ReadonlySet<string> | null;
  readonly where: Test | null;
}

/** Behind the last step. */
export const END = -1;

/** A step with the indexes of those that may follow it; branches end where the step after theirs begins. */
export type StepNode = { readonly path: string } & (
  | { readonly kind: 'wait'; readonly durationMs: number; readonly next: number }
  | {
      readonly kind: 'wait for';
      readonly durationMs: number;
      readonly occasions: readonly CompiledOccasion[];
      readonly then: number;
      readonly onTimeout: number;
    }
  | { readonly kind: 'if'; readonly test: Test; readonly then: number; readonly else: number }
  | {
      readonly kind: 'send';
      readonly send: SendStep;
      readonly openForMs: number;
      readonly longestHoldMs: number;
      readonly next: number;
    }
  | { readonly kind: 'stop' }
);
