import type { Reason } from '#core';

/** What a simulation comes to, for people; the figures of `--format json`. Calls of webhooks are no messages. */
export interface SimulationSummary {
  /** Customers that were sent at least one message. */
  readonly reached: number;
  readonly sent: number;
  readonly postponed: number;
  readonly suppressed: number;
  /** Calls that `webhook` steps made. */
  readonly calls: number;
  /** Messages of each customer reached; null: nobody was. */
  readonly perCustomer: MessagesPerCustomer | null;
  /** Of all rules, also of those that said nothing; by name. */
  readonly rules: readonly RuleSummary[];
  /** Largest number first. */
  readonly channels: readonly ChannelSummary[];
  /** What was held back, and why; largest number first. */
  readonly heldBack: readonly HeldBack[];
  /** Days of the workspace's time zone, from the first decision to the last without gaps. */
  readonly days: readonly DaySummary[];
  /** The same by month where there are many days. */
  readonly timeline: { readonly unit: 'day' | 'month'; readonly periods: readonly PeriodSummary[] };
}

export interface MessagesPerCustomer {
  /** The mean of the two in the middle where there is no middle one. */
  readonly median: number;
  /** The smallest number that 99 % of the customers do not exceed (nearest rank). */
  readonly p99: number;
  readonly most: number;
  /** How many customers were sent how many messages, fewest messages first. */
  readonly distribution: readonly { readonly messages: number; readonly customers: number }[];
}

export interface RuleSummary {
  readonly rule: string;
  /** Customers that were sent at least one message. */
  readonly customers: number;
  readonly sent: number;
  /** Messages that were held or deferred at least once, whatever became of them later. */
  readonly postponed: number;
  readonly suppressed: number;
  readonly calls: number;
  /** Suppressed messages, largest number first. */
  readonly reasons: { readonly [reason in Reason]?: number };
  /** Sent messages, largest number first. */
  readonly channels: { readonly [channel: string]: number };
}

export interface ChannelSummary {
  readonly channel: string;
  readonly customers: number;
  readonly sent: number;
}

export interface HeldBack {
  readonly reason: Reason;
  readonly suppressed: number;
  /** Messages that it held or deferred first. */
  readonly postponed: number;
}

export interface DaySummary {
  /** `2026-03-02`. */
  readonly day: string;
  readonly sent: number;
  readonly suppressed: number;
  /** Sent messages of rules that sent any on this day. */
  readonly rules: { readonly [rule: string]: number };
}

export interface PeriodSummary {
  /** `2026-03-02` or `2026-03`. */
  readonly period: string;
  readonly sent: number;
  readonly suppressed: number;
}
