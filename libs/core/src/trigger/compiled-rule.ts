import type { Again, Condition, Rule, SendStep } from '../rules/model.js';
import type { CounterPlan } from './conditions/history.js';
import type { CalendarPlan } from './calendar/compile-calendar.js';
import type { ReadDuration } from './conditions/compile-duration.js';
import type { ReadDatedMoment } from './conditions/compile-moment.js';
import type { Read, Test } from './conditions/condition-context.js';

/** One rule version as closures; runs point into its flattened steps. */
export interface CompiledRule {
  readonly name: string;
  readonly version: number;
  readonly source: Rule;
  readonly eventStarts: readonly CompiledStart[];
  readonly silences: readonly SilencePlan[];
  readonly calendar: readonly CalendarPlan[];
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

/** `inactive`: one lazy timer per customer. */
export interface SilencePlan {
  /** Of rule, kind of event and `where`: keeps its place when only the duration changes. */
  readonly fingerprint: number;
  readonly rule: string;
  /** Its place among the starts of its rule. */
  readonly place: number;
  readonly duration: ReadDuration;
  /** Its length may change while it lasts. */
  readonly isOfCustomer: boolean;
  /** null: any track, page or screen call. */
  readonly names: ReadonlySet<string> | null;
  readonly where: Test | null;
}

/** When a wait for something is over without it. */
export type WaitEnd =
  | { readonly kind: 'after'; readonly duration: ReadDuration }
  | { readonly kind: 'until'; readonly moment: ReadDatedMoment };

/** Behind the last step. */
export const END = -1;

/** A step with the indexes of those that may follow it; branches end where the step after theirs begins. */
export type StepNode = { readonly path: string } & (
  | { readonly kind: 'wait'; readonly duration: ReadDuration; readonly next: number }
  | { readonly kind: 'wait until'; readonly moment: ReadDatedMoment; readonly then: number; readonly onPast: number }
  | {
      readonly kind: 'wait for';
      readonly end: WaitEnd;
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
