import { findZone, localTime, type DeliveryDecision, type Reason, type Workspace, type Zone } from '#core';

/** What a simulation comes to, for people; the figures of `--format json`. */
export interface SimulationSummary {
  /** Of the decisions: of all rules, also of those that said nothing; by name. */
  readonly rules: readonly RuleSummary[];
  /** Days or months of the workspace's time zone, from the first decision to the last without gaps. */
  readonly timeline: { readonly unit: 'day' | 'month'; readonly periods: readonly PeriodSummary[] };
}

export interface RuleSummary {
  readonly rule: string;
  /** Customers that were sent at least one message. */
  readonly customers: number;
  readonly sent: number;
  /** Messages that were held or deferred at least once, whatever became of them later. */
  readonly postponed: number;
  readonly suppressed: number;
  /** Suppressed messages, largest number first. */
  readonly reasons: { readonly [reason in Reason]?: number };
  /** Sent messages, largest number first. */
  readonly channels: { readonly [channel: string]: number };
}

export interface PeriodSummary {
  /** `2026-03-02` or `2026-03`. */
  readonly period: string;
  readonly sent: number;
  readonly suppressed: number;
}

interface Counts {
  readonly customers: Set<string>;
  readonly postponed: Set<string>;
  readonly reasons: Map<string, number>;
  readonly channels: Map<string, number>;
}

/** Up to so many days are shown one by one. */
const MOST_DAYS = 45;

/** Adds decisions up as they are made: nothing of them is kept. */
export class SimulationSummarizer {
  private readonly zone: Zone;
  private readonly rules: Map<string, Counts>;
  private readonly days = new Map<string, { sent: number; suppressed: number }>();

  constructor({ settings, rules }: Workspace) {
    this.zone = findZone(settings.timeZone)!;
    this.rules = new Map(rules.map(({ name }) => [name, newCounts()]));
  }

  add({ message: { plan }, at, verdict }: DeliveryDecision): void {
    const counts = this.rules.get(plan.rule)!;
    switch (verdict.kind) {
      case 'send':
        counts.customers.add(plan.customer);
        increase(counts.channels, verdict.channel);
        this.day(at).sent++;
        return;
      case 'suppress':
        increase(counts.reasons, verdict.reason);
        this.day(at).suppressed++;
        return;
      case 'defer':
        counts.postponed.add(plan.id);
        return;
    }
  }

  summary(): SimulationSummary {
    return { rules: [...this.rules].map(([rule, counts]) => ruleSummary(rule, counts)), timeline: this.timeline() };
  }

  private day(at: number): { sent: number; suppressed: number } {
    const name = dayOf(at, this.zone);
    let day = this.days.get(name);
    if (day === undefined) this.days.set(name, (day = { sent: 0, suppressed: 0 }));
    return day;
  }

  private timeline(): SimulationSummary['timeline'] {
    const names = [...this.days.keys()].sort();
    const days = names.length === 0 ? [] : daysBetween(names[0]!, names.at(-1)!);
    const unit = days.length > MOST_DAYS ? 'month' : 'day';
    const periods = new Map<string, { sent: number; suppressed: number }>();
    for (const day of days) {
      const period = unit === 'day' ? day : day.slice(0, 7);
      const counts = this.days.get(day) ?? { sent: 0, suppressed: 0 };
      const before = periods.get(period) ?? { sent: 0, suppressed: 0 };
      periods.set(period, { sent: before.sent + counts.sent, suppressed: before.suppressed + counts.suppressed });
    }
    return { unit, periods: [...periods].map(([period, counts]) => ({ period, ...counts })) };
  }
}

function newCounts(): Counts {
  return { customers: new Set(), postponed: new Set(), reasons: new Map(), channels: new Map() };
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function ruleSummary(rule: string, { customers, postponed, reasons, channels }: Counts): RuleSummary {
  return {
    rule,
    customers: customers.size,
    sent: sum(channels),
    postponed: postponed.size,
    suppressed: sum(reasons),
    reasons: largestFirst(reasons),
    channels: largestFirst(channels),
  };
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function largestFirst(counts: ReadonlyMap<string, number>): { readonly [name: string]: number } {
  return Object.fromEntries([...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)));
}

function dayOf(at: number, zone: Zone): string {
  const { year, month, day } = localTime(zone, at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** All days of the calendar from one to another, both included. */
function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
