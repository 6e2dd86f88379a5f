import Table from 'cli-table3';
import type { LineProblem } from '../files/line-problems.js';
import type { Simulation, SimulationSummary } from '#rule-testing';
import type { Output } from '../terminal/terminal.js';

/** The figures of a simulation; as they stand this is `--format json`. */
export interface SimulationReport extends SimulationSummary {
  readonly events: number;
  /** All that the files name, also those to whom nothing was said. */
  readonly customers: number;
  /** Instant of the first event, and where simulated time ended; null without any event. */
  readonly from: string | null;
  readonly to: string | null;
  /** When simulated time ended. */
  readonly openRuns: number;
  readonly openMessages: number;
  readonly unreadableLines: number;
  /** The first of them. */
  readonly problems: readonly LineProblem[];
}

export function reportOf(
  simulation: Simulation,
  summary: SimulationSummary,
  problems: readonly { readonly count: number; readonly first: readonly LineProblem[] }[],
): SimulationReport {
  const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    events: simulation.events,
    customers: simulation.customers,
    from: instant(simulation.begin),
    to: instant(simulation.end),
    ...summary,
    openRuns: simulation.openRuns,
    openMessages: simulation.openMessages,
    unreadableLines: problems.reduce((sum, { count }) => sum + count, 0),
    problems: problems.flatMap(({ first }) => first),
  };
}

const BAR = 40;
const n = (value: number): string => value.toLocaleString('en');

/** For people: a table of the rules, a timeline, what is still open. Lines that could not be read are shown by others. */
export function showReport(out: Output, report: SimulationReport): void {
  const span = report.from === null ? '' : ` from ${report.from} to ${report.to}`;
  out.line(`${n(report.events)} events of ${n(report.customers)} customers${span}\n`);
  out.line(rulesTable(out, report));
  showTimeline(out, report);
  const open = [
    report.openRuns === 1 ? '1 run' : `${n(report.openRuns)} runs`,
    report.openMessages === 1 ? '1 message' : `${n(report.openMessages)} messages`,
  ];
  out.line(`\n${open.join(' and ')} were still open when simulated time ended; what is due later is not counted.`);
}

function rulesTable({ color }: Output, { rules }: SimulationReport): string {
  const table = new Table({
    head: ['rule', 'customers', 'sent', 'by channel', 'postponed', 'suppressed', 'held back by'],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'right', 'left'],
    style: color ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] },
  });
  for (const { rule, customers, sent, channels, postponed, suppressed, reasons } of rules) {
    table.push([rule, n(customers), n(sent), listed(channels), n(postponed), n(suppressed), listed(reasons)]);
  }
  return table.toString();
}

function listed(counts: { readonly [name: string]: number }): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${n(count)}`)
    .join('\n');
}

function showTimeline(out: Output, { timeline: { unit, periods } }: SimulationReport): void {
  if (periods.length === 0) return out.line('\nNo message came due.');
  const most = Math.max(...periods.map(({ sent, suppressed }) => sent + suppressed));
  out.line(`\nMessages by ${unit} (█ sent, ░ suppressed)`);
  for (const { period, sent, suppressed } of periods) {
    const full = Math.round((sent / most) * BAR);
    const rest = Math.round(((sent + suppressed) / most) * BAR) - full;
    const bar = `${'█'.repeat(full)}${'░'.repeat(rest)}`;
    out.line(`${period}  ${bar.padEnd(BAR)}  ${n(sent)} sent, ${n(suppressed)} suppressed`);
  }
}
