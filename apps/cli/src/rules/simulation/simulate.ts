import type { DeliveryDecision, Workspace } from '#core';
import { formatDecision, Simulation, SimulationSummarizer } from '#rule-testing';
import type { LineProblems } from '../../files/line-problems.js';
import { commandSettings } from '../../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../../terminal/command-error.js';
import type { Output, Terminal } from '../../terminal/terminal.js';
import { loadValidWorkspace } from '../load-workspace.js';
import { reportPage } from './html/report-page.js';
import { checkReportPath, writeReport } from './html/write-report.js';
import { runSimulation } from './run-simulation.js';
import { showReport } from './show-report.js';
import { reportOf, type SimulationReport } from './simulation-report.js';

export interface SimulateOptions {
  readonly events: string;
  readonly customers?: string;
  readonly from?: number;
  readonly to?: number;
  readonly assumeConsent?: boolean;
  /** 0 to 1. */
  readonly sample?: number;
  /** File of the page. */
  readonly report?: string;
  readonly format: 'pretty' | 'json' | 'ndjson';
}

const UNREAD = 'could not be read and were left out';

/** `kairos rules simulate`. Throws CommandError. */
export async function simulate(terminal: Terminal, options: SimulateOptions): Promise<ExitStatus> {
  const { from = null, to = null, report: page } = options;
  if (from !== null && to !== null && from > to)
    throw new CommandError('--from lies after --to: nothing would be shown');
  if (options.events === '-' && options.customers === '-')
    throw new CommandError('--events and --customers cannot both be standard input');
  if (page !== undefined) await checkReportPath(page);
  const loaded = await loadValidWorkspace(terminal, commandSettings(terminal).workspace);
  if (loaded === null) return EXIT.findings;
  const { workspace } = loaded;
  const { report, problems } = await runAndReport(terminal, workspace, options);
  if (options.format === 'json') terminal.out.line(JSON.stringify(report, null, 2));
  else if (options.format === 'pretty') showReport(terminal.out, report);
  for (const each of problems) each.show(terminal.err, UNREAD);
  if (page !== undefined) {
    await writeReport(page, reportPage({ title: titleOf(workspace), conditions: conditionsOf(options), report }));
    terminal.err.line(`wrote ${page}`);
  }
  return EXIT.fine;
}

/** Decisions are printed as they are made, where lines are wanted; the figures are what remains at the end. */
async function runAndReport(
  terminal: Terminal,
  workspace: Workspace,
  { events, customers, from, to, assumeConsent = false, sample = 1, format }: SimulateOptions,
): Promise<{ readonly report: SimulationReport; readonly problems: readonly LineProblems[] }> {
  const summarizer = new SimulationSummarizer(workspace);
  const lines: string[] = [];
  const onDecision = (decision: DeliveryDecision): void => {
    summarizer.add(decision);
    if (format === 'ndjson') lines.push(formatDecision(decision));
  };
  const use = { workspace, from: from ?? null, to: to ?? null, assumeConsent, sample, onDecision };
  const simulation = new Simulation(use);
  const input = { events, customers: customers ?? null };
  const problems = await runSimulation(terminal, input, simulation, () => handOn(terminal.out, lines));
  return { report: reportOf(simulation, summarizer.summary(), problems), problems };
}

function titleOf({ settings: { shop } }: Workspace): string {
  return typeof shop['name'] === 'string' ? shop['name'] : 'a shop';
}

async function handOn(out: Output, lines: string[]): Promise<void> {
  if (lines.length === 0) return;
  out.write(`${lines.join('\n')}\n`);
  lines.length = 0;
  await out.drained();
}

/** What the figures rest on, for whoever reads the page without having typed the command. */
function conditionsOf({ assumeConsent, sample = 1, from }: SimulateOptions): readonly string[] {
  return [
    assumeConsent === true
      ? 'Consent and addresses are assumed where none are recorded.'
      : 'Only recorded consent and addresses count.',
    ...(sample < 1 ? [`Only ${sample * 100} % of the customers were looked at.`] : []),
    ...(from === undefined ? [] : [`Shown is what was decided from ${new Date(from).toISOString()} on.`]),
  ];
}
