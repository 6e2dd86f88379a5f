import Table from 'cli-table3';
import { reasonInWords } from '#core';
import type { Output } from '../../terminal/terminal.js';
import { columnChart } from './column-chart.js';
import { counted, n, share, whatWasOpen, whatWasRead, whoWasReached } from './report-words.js';
import type { SimulationReport } from './simulation-report.js';

const BAR = 40;

/** For people: who was reached, by rule and channel, what was held back, when. Lines that could not be read are shown by others. */
export function showReport(out: Output, report: SimulationReport): void {
  out.line(`${whatWasRead(report)}\n`);
  out.line(`${whoWasReached(report)}\n`);
  out.line(rulesTable(out, report));
  showChannels(out, report);
  showHeldBack(out, report);
  showDays(out, report);
  showTimeline(out, report);
  showUnheard(out, report);
  out.line(`\n${whatWasOpen(report)}`);
}

function rulesTable({ color }: Output, { rules }: SimulationReport): string {
  const table = new Table({
    head: ['rule', 'customers', 'sent', 'by channel', 'postponed', 'suppressed', 'held back by'],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'right', 'left'],
    style: color ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] },
  });
  for (const { rule, customers, sent, channels, calls, postponed, suppressed, reasons } of rules) {
    const carriers = calls === 0 ? channels : { ...channels, 'webhook calls': calls };
    table.push([rule, n(customers), n(sent), listed(carriers), n(postponed), n(suppressed), listed(reasons)]);
  }
  return table.toString();
}

function listed(counts: { readonly [name: string]: number }): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${n(count)}`)
    .join('\n');
}

function showChannels(out: Output, { channels, sent, calls }: SimulationReport): void {
  if (channels.length > 0) {
    out.line(`\n${heading(out, 'By channel')}`);
    rows(
      out,
      channels.map((each) => [
        each.channel,
        counted(each.sent, 'message'),
        `to ${counted(each.customers, 'customer')}`,
        `${share(each.sent, sent)} of all`,
      ]),
    );
  }
  if (calls > 0) out.line(`  and ${counted(calls, 'webhook call')}, which are no messages`);
}

function showHeldBack(out: Output, { heldBack }: SimulationReport): void {
  if (heldBack.length === 0) return;
  out.line(`\n${heading(out, 'What was held back, and why')}`);
  rows(
    out,
    heldBack.map(({ reason, suppressed, postponed }) => [
      reason,
      `${n(suppressed)} suppressed`,
      `${n(postponed)} postponed`,
      reasonInWords(reason, 'en'),
    ]),
  );
}

function showDays(out: Output, { days, timeline, sent }: SimulationReport): void {
  // Few days are shown one by one, with their numbers.
  if (timeline.unit === 'day' || sent === 0) return;
  const { lines, each } = columnChart(
    days.map((day) => ({ name: day.day, value: day.sent })),
    Math.min(out.columns, 120),
  );
  out.line(`\n${heading(out, `Messages sent by day${each === 1 ? '' : ` (${each} days a column)`}`)}`);
  for (const line of lines) out.line(line);
}

function showTimeline(out: Output, { timeline: { unit, periods } }: SimulationReport): void {
  if (periods.length === 0) return out.line('\nNo message came due.');
  const most = Math.max(...periods.map(({ sent, suppressed }) => sent + suppressed));
  out.line(`\n${heading(out, `Messages by ${unit} (█ sent, ░ suppressed)`)}`);
  for (const { period, sent, suppressed } of periods) {
    const full = most === 0 ? 0 : Math.round((sent / most) * BAR);
    const rest = most === 0 ? 0 : Math.round(((sent + suppressed) / most) * BAR) - full;
    const bar = `${'█'.repeat(full)}${'░'.repeat(rest)}`;
    out.line(`${period}  ${bar.padEnd(BAR)}  ${n(sent)} sent, ${n(suppressed)} suppressed`);
  }
}

/** Where nothing was read, nothing can be missing in it. */
function showUnheard(out: Output, { unheard, events }: SimulationReport): void {
  if (unheard.length === 0 || events === 0) return;
  out.line(`\n${heading(out, 'Events that rules wait for, and that do not occur here')}`);
  for (const { event, rules, meant } of unheard)
    out.line(`  ${event} (${rules.join(', ')})${meant === null ? '' : `: did you mean "${meant}"?`}`);
}

export function heading({ color }: Output, text: string): string {
  return color ? `\u001b[1m${text}\u001b[0m` : text;
}

/** Cells in columns: the first to the left, numbers with their words to the right, the last as it is. */
function rows(out: Output, cells: readonly (readonly string[])[]): void {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  for (const row of cells) {
    const padded = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : column === row.length - 1 ? cell : cell.padStart(widths[column]!),
    );
    out.line(`  ${padded.join('  ')}`);
  }
}
