import type { CustomerState } from '../customer/customer-state.js';
import type { Json, JsonObject } from '../event/event.js';
import type { Again, Channel, Condition, Rule, SendStep } from '../rules/model.js';
import type { ComputedPlan } from './computed/compile-computed.js';
import type { ReadDeadline } from './conditions/compile-deadline.js';
import type { ReadDuration } from './conditions/compile-duration.js';
import type { CounterPlan } from './conditions/history.js';
import type { CalendarPlan } from './calendar/compile-calendar.js';
import type { ReadDatedMoment } from './conditions/compile-moment.js';
import type { ConditionContext, Read, Test } from './conditions/condition-context.js';

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
  /** What is drawn when a run begins, by the `draw` of its steps. */
  readonly draws: readonly Draw[];
  /** Templates whose latest message a run must know, since an occasion of the rule is about it. */
  readonly followed: ReadonlySet<string>;
  /** ms; nothing starts before, nor at `until` or later. */
  readonly activeFrom: number;
  readonly activeUntil: number;
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

/** A random branch (rule-language.md, Exact meaning 14). */
export interface Draw {
  /** `split:STEP`, `variants:STEP`. */
  readonly purpose: string;
  readonly branches: readonly { readonly name: string; readonly share: number }[];
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
  | WaitForNode
  | {
      readonly kind: 'if';
      readonly test: Test;
      readonly condition: Condition;
      readonly then: number;
      readonly else: number;
    }
  | SplitNode
  | RepeatNode
  | SendNode
  | WebhookNode
  | {
      readonly kind: 'set';
      readonly traits: readonly { readonly name: string; readonly read: Read }[];
      readonly next: number;
    }
  | { readonly kind: 'emit'; readonly event: string; readonly properties: ReadMap; readonly next: number }
  | { readonly kind: 'pause'; readonly category: string; readonly until: ReadDeadline; readonly next: number }
  | { readonly kind: 'resume'; readonly category: string; readonly next: number }
  | {
      readonly kind: 'unsubscribe';
      readonly category: string;
      readonly channels: readonly Channel[] | null;
      readonly next: number;
    }
  | { readonly kind: 'stop' }
);

export type ReadMap = (context: ConditionContext) => JsonObject;

export interface WaitForNode {
  readonly kind: 'wait for';
  readonly end: WaitEnd;
  readonly occasions: readonly CompiledOccasion[];
  /** Templates whose messages it waits for engagement with, where it waits for nothing else: without them it is in vain. */
  readonly engagement: readonly string[];
  readonly as: string | null;
  readonly then: number;
  readonly onTimeout: number;
}

export interface SplitNode {
  readonly kind: 'split';
  /** Place in what the run has drawn. */
  readonly draw: number;
  readonly names: readonly string[];
  /** Index of the first step of each branch. */
  readonly branches: readonly number[];
}

export interface RepeatNode {
  readonly kind: 'repeat';
  /** Repeats around it: its place in `rounds`. */
  readonly depth: number;
  readonly atMost: number;
  readonly while: Test | null;
  /** Index of the first step; the last one comes back here. */
  readonly body: number;
  readonly next: number;
}

export interface SendNode {
  readonly kind: 'send';
  readonly send: SendStep;
  /** Place in what the run has drawn; null: a plain template. */
  readonly draw: number | null;
  readonly with: ReadMap | null;
  readonly channels: ((context: ConditionContext) => Channel[]) | null;
  readonly openForMs: number;
  readonly longestHoldMs: number;
  /** At most so many rounds each `repeat` around it has, the outermost first. */
  readonly roundsOf: readonly number[];
  readonly next: number;
}

export interface WebhookNode {
  readonly kind: 'webhook';
  readonly to: string;
  readonly body: ReadMap;
  readonly openForMs: number;
  readonly longestHoldMs: number;
  readonly roundsOf: readonly number[];
  readonly next: number;
}
