import { localTime, type Zone } from '#core';
import type { DaySummary, SimulationSummary } from './summary.js';

/** Up to so many days are shown one by one. */
const MOST_DAYS = 45;
const DAY_MS = 86_400_000;

interface DayCounts {
  sent: number;
  suppressed: number;
  readonly rules: Map<string, number>;
}

/** What was sent and suppressed on each day of one time zone. */
export class Days {
  private readonly days = new Map<string, DayCounts>();

  constructor(private readonly zone: Zone) {}

  sent(at: number, rule: string): void {
    const day = this.at(at);
    day.sent++;
    day.rules.set(rule, (day.rules.get(rule) ?? 0) + 1);
  }

  suppressed(at: number): void {
    this.at(at).suppressed++;
  }

  /** From the first to the last, without gaps. */
  list(): readonly DaySummary[] {
    const names = [...this.days.keys()].sort();
    if (names.length === 0) return [];
    return daysBetween(names[0]!, names.at(-1)!).map((day) => {
      const counts = this.days.get(day);
      const rules = [...(counts?.rules ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      return { day, sent: counts?.sent ?? 0, suppressed: counts?.suppressed ?? 0, rules: Object.fromEntries(rules) };
    });
  }

  private at(instant: number): DayCounts {
    const name = dayOf(instant, this.zone);
    let day = this.days.get(name);
    if (day === undefined) this.days.set(name, (day = { sent: 0, suppressed: 0, rules: new Map() }));
    return day;
  }
}

/** By day, or by month where there are many days. */
export function timelineOf(days: readonly DaySummary[]): SimulationSummary['timeline'] {
  const unit = days.length > MOST_DAYS ? 'month' : 'day';
  const periods = new Map<string, { sent: number; suppressed: number }>();
  for (const { day, sent, suppressed } of days) {
    const period = unit === 'day' ? day : day.slice(0, 7);
    const before = periods.get(period) ?? { sent: 0, suppressed: 0 };
    periods.set(period, { sent: before.sent + sent, suppressed: before.suppressed + suppressed });
  }
  return { unit, periods: [...periods].map(([period, counts]) => ({ period, ...counts })) };
}

function dayOf(at: number, zone: Zone): string {
  const { year, month, day } = localTime(zone, at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** All days of the calendar from one to another, both included. */
function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
