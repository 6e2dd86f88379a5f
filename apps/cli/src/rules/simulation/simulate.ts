import type { DeliveryDecision, Workspace } from '#core';
import {
  formatDecision,
  Simulation,
  SimulationPair,
  SimulationSummarizer,
  type SimulationOptions,
} from '#rule-testing';
import type { LineProblems } from '../../files/line-problems.js';
import { openSource, refuseTwoSources } from '../../files/open-source.js';
import { openLines } from '../../files/read-lines.js';
import { commandSettings } from '../../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../../terminal/command-error.js';
import type { Output, Terminal } from '../../terminal/terminal.js';
import { loadValidWorkspace, loadWholeWorkspace } from '../load-workspace.js';
import { comparisonOf, type ComparisonReport } from './comparison-report.js';
import { reportPage } from './html/report-page.js';
import { checkReportPath, writeReport } from './html/write-report.js';
import { loadOther, type OtherWorkspace } from './load-other.js';
import { runSimulation, type SimulationInput } from './run-simulation.js';
import { showComparison } from './show-comparison.js';
import { showReport } from './show-report.js';
import { reportOf, type SimulationReport } from './simulation-report.js';
import { writeJson } from './write-json.js';

export interface SimulateOptions {
  readonly events?: string;
  /** What the live database has recorded, instead of a file. */
  readonly history?: boolean;
  /** How the columns of a table become events. */
  readonly mapping?: string;
  readonly customers?: string;
  readonly from?: number;
  readonly to?: number;
  readonly assumeConsent?: boolean;
  /** 0 to 1. */
  readonly sample?: number;
  /** `published`, or a folder. */
  readonly against?: string;
  /** File of the page. */
  readonly report?: string;
  readonly format: 'pretty' | 'json' | 'ndjson';
}

interface Simulated {
  readonly report: SimulationReport;
  readonly comparison: ComparisonReport | null;
  readonly problems: readonly LineProblems[];
}

const UNREAD = 'could not be read and were left out';

/** `kairos rules simulate`. Throws CommandError. */
export async function simulate(terminal: Terminal, options: SimulateOptions): Promise<ExitStatus> {
  refuseContradictions(options);
  const { against, report: page } = options;
  if (page !== undefined) await checkReportPath(page);
  const config = commandSettings(terminal);
  const loaded = await loadValidWorkspace(terminal, config.workspace, loadWholeWorkspace);
  if (loaded === null) return EXIT.findings;
  const { workspace } = loaded;
  const other = against === undefined ? null : await loadOther(terminal, config, against);
  if (against !== undefined && other === null) return EXIT.findings;
  // Opened first: a name that is wrong is told before a long file is read.
  const input = await openInput(terminal, options);
  if (input === null) return EXIT.findings;
  const simulated =
    other === null
      ? await simulateAlone(terminal, workspace, input, options)
      : await simulateBoth(terminal, { workspace, other }, input, options);
  await show(terminal, simulated, options.format);
  if (page !== undefined) {
    const { report, comparison } = simulated;
    const title = titleOf(workspace);
    await writeReport(page, reportPage({ title, conditions: conditionsOf(options), report, comparison }));
    terminal.err.line(`wrote ${page}`);
  }
  const { events, unreadableLines, from, to } = simulated.report;
  if (events === 0) {
    terminal.err.line(
      `${input.recording.name} ${unreadableLines > 0 ? 'holds no line that could be read' : 'holds no event'}`,
    );
    return EXIT.findings;
  }
  const outside = options.from !== undefined && to !== null && options.from > Date.parse(to);
  if (outside) terminal.err.line(`no event lies in this time: ${input.recording.name} goes from ${from} to ${to}`);
  return EXIT.fine;
}

function refuseContradictions(options: SimulateOptions): void {
  const { from, to, events, customers, against, format } = options;
  refuseTwoSources(options);
  if (from !== undefined && to !== undefined && from > to)
    throw new CommandError('--from lies after --to: nothing would be shown');
  if (events === '-' && customers === '-')
    throw new CommandError('--events and --customers cannot both be standard input');
  if (against !== undefined && format === 'ndjson')
    throw new CommandError(
      '--format ndjson prints the decisions of one workspace and nothing else; with --against choose --format json, which lists every difference, or pretty',
    );
}

/** Decisions are printed as they are made, where lines are wanted; the figures are what remains at the end. */
async function simulateAlone(
  terminal: Terminal,
  workspace: Workspace,
  input: SimulationInput,
  options: SimulateOptions,
): Promise<Simulated> {
  const summarizer = new SimulationSummarizer(workspace);
  const lines: string[] = [];
  const onDecision = (decision: DeliveryDecision): void => {
    summarizer.add(decision);
    if (options.format === 'ndjson') lines.push(formatDecision(decision));
  };
  const simulation = new Simulation({ workspace, ...assumptions(options), onDecision });
  const problems = await runSimulation(terminal, input, simulation, () => handOn(terminal.out, lines));
  return { report: reportOf(simulation, summarizer.summary(), problems), comparison: null, problems };
}

async function simulateBoth(
  terminal: Terminal,
  { workspace, other }: { readonly workspace: Workspace; readonly other: OtherWorkspace },
  input: SimulationInput,
  options: SimulateOptions,
): Promise<Simulated> {
  const summarizers = {
    workspace: new SimulationSummarizer(workspace),
    other: new SimulationSummarizer(other.workspace),
  };
  const pair = new SimulationPair({
    workspaces: { workspace, other: other.workspace },
    ...assumptions(options),
    onDecision: (side, decision) => summarizers[side].add(decision),
  });
  const problems = await runSimulation(terminal, input, pair, async () => undefined);
  const report = reportOf(pair.workspace, summarizers.workspace.summary(), problems);
  const comparison = comparisonOf(other.name, summarizers.other.summary(), pair.comparison());
  return { report, comparison, problems };
}

function assumptions({
  from,
  to,
  assumeConsent = false,
  sample = 1,
}: SimulateOptions): Pick<SimulationOptions, 'from' | 'to' | 'assumeConsent' | 'sample'> {
  return { from: from ?? null, to: to ?? null, assumeConsent, sample };
}

async function openInput(terminal: Terminal, options: SimulateOptions): Promise<SimulationInput | null> {
  const { customers } = options;
  const recording = await openSource(terminal, options, { customer: null, to: options.to ?? null });
  if (recording === null) return null;
  return { recording, customers: customers === undefined ? null : await openLines(customers) };
}

async function show(
  { out, err }: Terminal,
  { report, comparison, problems }: Simulated,
  format: SimulateOptions['format'],
): Promise<void> {
  if (format === 'json') await writeJson(out, report, comparison);
  else if (format === 'pretty') {
    showReport(out, report);
    if (comparison !== null) showComparison(out, report, comparison);
  }
  for (const each of problems) each.show(err, UNREAD);
}

async function handOn(out: Output, lines: string[]): Promise<void> {
  if (lines.length === 0) return;
  out.write(`${lines.join('\n')}\n`);
  lines.length = 0;
  await out.drained();
}

function titleOf({ settings: { shop } }: Workspace): string {
  return typeof shop['name'] === 'string' ? shop['name'] : 'a shop';
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
