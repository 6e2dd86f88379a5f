import type { Reason } from '#core';

/** The workspace that is simulated, and the one it is compared with. */
export const SIDES = ['workspace', 'other'] as const;
export type Side = (typeof SIDES)[number];

/** What became of a message on one side. */
export interface Fate {
  /** `open`: it had not left when simulated time ended; `not_planned`: no run came to send it; `no_rule`: there is no such rule. */
  readonly outcome: 'sent' | 'suppressed' | 'open' | 'not_planned' | 'no_rule';
  /** Instant of the decision, ISO; null where there was none. */
  readonly at: string | null;
  readonly step: string | null;
  readonly channel: string | null;
  readonly reason: Reason | null;
  /** What the runs of the rule did there instead, in a sentence; null where the rest says it all. */
  readonly detail: string | null;
}

/** A message that a customer gets on one side only, or at another time or on another channel. */
export interface MessageDifference {
  readonly customer: string;
  readonly change: 'only_workspace' | 'only_other' | 'moved';
  readonly rule: string;
  readonly key: string | readonly string[] | null;
  readonly template: string;
  readonly workspace: Fate;
  readonly other: Fate;
  /** In a sentence. */
  readonly why: string;
}

export interface RuleComparison {
  readonly rule: string;
  /** Sent by both at the same instant on the same channel. */
  readonly same: number;
  readonly moved: number;
  readonly onlyWorkspace: number;
  readonly onlyOther: number;
  /** Customers who would get something else. */
  readonly customers: number;
}

export interface Comparison {
  /** Customers who would get something else. */
  readonly customers: number;
  /** Of both sides, by name. */
  readonly rules: readonly RuleComparison[];
  /** By customer in code points, then by time. */
  readonly differences: readonly MessageDifference[];
}
