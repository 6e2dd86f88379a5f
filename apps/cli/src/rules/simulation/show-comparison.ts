import Table from 'cli-table3';
import type { Output } from '../../terminal/terminal.js';
import { inParts, type ComparisonReport } from './comparison-report.js';
import { counted, n, whoGetsSomethingElse } from './report-words.js';
import { heading } from './show-report.js';
import type { SimulationReport } from './simulation-report.js';

const SHOWN = 20;

/** For people: what becomes different, for whom and why; at the end counted by rule. */
export function showComparison(out: Output, report: SimulationReport, comparison: ComparisonReport): void {
  out.line(`\n${heading(out, `Compared with ${comparison.against}`)}`);
  out.line(`${whoGetsSomethingElse(report, comparison)}\n`);
  showDifferences(out, comparison);
  out.line(totalsTable(out, report, comparison));
  out.line(rulesTable(out, comparison));
}

function showDifferences(out: Output, { differences }: ComparisonReport): void {
  if (differences.length === 0) return;
  out.line('+ a message only here, - only there, ~ at another time or on another channel');
  for (const difference of differences.slice(0, SHOWN)) {
    const { sign, at, channel, what } = inParts(difference);
    out.line(`${sign} ${difference.customer}  ${at}  ${channel}  ${what}`);
    out.line(`    ${difference.why}`);
  }
  const more = differences.length - SHOWN;
  out.line(more > 0 ? `and ${counted(more, 'more difference')}; all of them with --format json\n` : '');
}

function totalsTable({ color }: Output, report: SimulationReport, { other }: ComparisonReport): string {
  const table = new Table({
    head: ['', 'here', 'there'],
    colAligns: ['left', 'right', 'right'],
    style: color ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] },
  });
  const row = (name: string, here: number | undefined, there: number | undefined): void =>
    void table.push([name, here === undefined ? '' : n(here), there === undefined ? '' : n(there)]);
  row('customers reached', report.reached, other.reached);
  row('messages sent', report.sent, other.sent);
  row('each, in the median', report.perCustomer?.median, other.perCustomer?.median);
  row('each, 99th percentile', report.perCustomer?.p99, other.perCustomer?.p99);
  row('each, at most', report.perCustomer?.most, other.perCustomer?.most);
  row('postponed', report.postponed, other.postponed);
  row('suppressed', report.suppressed, other.suppressed);
  return table.toString();
}

function rulesTable({ color }: Output, { rules }: ComparisonReport): string {
  const table = new Table({
    head: ['rule', 'the same', 'only here', 'only there', 'otherwise', 'customers'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: color ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] },
  });
  for (const { rule, same, onlyWorkspace, onlyOther, moved, customers } of rules)
    table.push([rule, n(same), n(onlyWorkspace), n(onlyOther), n(moved), n(customers)]);
  return table.toString();
}
