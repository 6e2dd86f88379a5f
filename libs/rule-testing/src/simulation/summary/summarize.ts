import { findZone, type DeliveryDecision, type Reason, type Workspace } from '#core';
import { Days, timelineOf } from './days.js';
import { messagesPerCustomer } from './messages-per-customer.js';
import type { ChannelSummary, HeldBack, RuleSummary, SimulationSummary } from './summary.js';

interface RuleCounts {
  readonly customers: Set<string>;
  readonly reasons: Map<Reason, number>;
  readonly channels: Map<string, number>;
  postponed: number;
  calls: number;
}

interface ChannelCounts {
  readonly customers: Set<string>;
  sent: number;
}

/** Adds decisions up as they are made: what it remembers grows with the customers, not with the messages. */
export class SimulationSummarizer {
  private readonly rules: Map<string, RuleCounts>;
  private readonly channels = new Map<string, ChannelCounts>();
  private readonly customers = new Map<string, number>();
  private readonly suppressed = new Map<Reason, number>();
  private readonly postponed = new Map<Reason, number>();
  private readonly days: Days;

  constructor({ settings, rules }: Workspace) {
    this.days = new Days(findZone(settings.timeZone)!);
    this.rules = new Map(rules.map(({ name }) => [name, newRuleCounts()]));
  }

  add({ message, at, verdict }: DeliveryDecision): void {
    const { customer, rule } = message.plan;
    const counts = this.rules.get(rule)!;
    switch (verdict.kind) {
      case 'send':
        if (verdict.channel === 'webhook') counts.calls++;
        else this.addSent(customer, rule, verdict.channel, at);
        return;
      case 'suppress':
        increase(counts.reasons, verdict.reason);
        increase(this.suppressed, verdict.reason);
        this.days.suppressed(at);
        return;
      case 'defer':
        // Held again: it was counted for what held it first.
        if (message.heldFor !== null) return;
        counts.postponed++;
        increase(this.postponed, verdict.reason);
        return;
    }
  }

  summary(): SimulationSummary {
    const rules = [...this.rules].map(([rule, counts]) => ruleSummary(rule, counts));
    const total = (figure: 'sent' | 'postponed' | 'suppressed' | 'calls'): number =>
      rules.reduce((sum, each) => sum + each[figure], 0);
    const days = this.days.list();
    return {
      reached: this.customers.size,
      sent: total('sent'),
      postponed: total('postponed'),
      suppressed: total('suppressed'),
      calls: total('calls'),
      perCustomer: messagesPerCustomer(this.customers.values()),
      rules,
      channels: channelSummaries(this.channels),
      heldBack: heldBack(this.suppressed, this.postponed),
      days,
      timeline: timelineOf(days),
    };
  }

  private addSent(customer: string, rule: string, channel: string, at: number): void {
    const counts = this.rules.get(rule)!;
    counts.customers.add(customer);
    increase(counts.channels, channel);
    increase(this.customers, customer);
    let carried = this.channels.get(channel);
    if (carried === undefined) this.channels.set(channel, (carried = { customers: new Set(), sent: 0 }));
    carried.customers.add(customer);
    carried.sent++;
    this.days.sent(at, rule);
  }
}

function newRuleCounts(): RuleCounts {
  return { customers: new Set(), reasons: new Map(), channels: new Map(), postponed: 0, calls: 0 };
}

function increase<Name extends string>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function ruleSummary(rule: string, { customers, postponed, calls, reasons, channels }: RuleCounts): RuleSummary {
  return {
    rule,
    customers: customers.size,
    sent: sum(channels),
    postponed,
    suppressed: sum(reasons),
    calls,
    reasons: largestFirst(reasons),
    channels: largestFirst(channels),
  };
}

function channelSummaries(channels: ReadonlyMap<string, ChannelCounts>): readonly ChannelSummary[] {
  return [...channels]
    .map(([channel, { customers, sent }]) => ({ channel, customers: customers.size, sent }))
    .sort((a, b) => b.sent - a.sent || (a.channel < b.channel ? -1 : 1));
}

function heldBack(
  suppressed: ReadonlyMap<Reason, number>,
  postponed: ReadonlyMap<Reason, number>,
): readonly HeldBack[] {
  return [...new Set([...suppressed.keys(), ...postponed.keys()])]
    .map((reason) => ({
      reason,
      suppressed: suppressed.get(reason) ?? 0,
      postponed: postponed.get(reason) ?? 0,
    }))
    .sort((a, b) => b.suppressed - a.suppressed || b.postponed - a.postponed || (a.reason < b.reason ? -1 : 1));
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function largestFirst(counts: ReadonlyMap<string, number>): { readonly [name: string]: number } {
  return Object.fromEntries([...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)));
}
