import { formatDecision, SimulationSummarizer } from '#rule-testing';
import { commandSettings } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Output, Terminal } from '../terminal/terminal.js';
import { loadValidWorkspace } from './load-workspace.js';
import { reportOf, showReport } from './simulation-report.js';
import { runSimulation, type SimulationInput } from './run-simulation.js';

export interface SimulateOptions {
  readonly events: string;
  readonly customers?: string;
  readonly from?: number;
  readonly to?: number;
  readonly assumeConsent?: boolean;
  readonly format: 'pretty' | 'json' | 'ndjson';
}

const UNREAD = 'could not be read and were left out';

/** `kairos rules simulate`. Throws CommandError. */
export async function simulate(terminal: Terminal, options: SimulateOptions): Promise<ExitStatus> {
  const { events, customers = null, from = null, to = null, assumeConsent = false } = options;
  if (from !== null && to !== null && from > to)
    throw new CommandError('--from lies after --to: nothing would be shown');
  if (events === '-' && customers === '-')
    throw new CommandError('--events and --customers cannot both be standard input');
  const loaded = await loadValidWorkspace(terminal, commandSettings(terminal).workspace);
  if (loaded === null) return EXIT.findings;
  const input = { workspace: loaded.workspace, events, customers, from, to, assumeConsent };
  if (options.format === 'ndjson') await simulateAsLines(terminal, input);
  else await simulateAsFigures(terminal, input, options.format);
  return EXIT.fine;
}

async function simulateAsFigures(terminal: Terminal, input: SimulationInput, format: 'pretty' | 'json'): Promise<void> {
  const summarizer = new SimulationSummarizer(input.workspace);
  const { simulation, problems } = await runSimulation(
    terminal,
    input,
    (decision) => summarizer.add(decision),
    async () => undefined,
  );
  const report = reportOf(simulation, summarizer.summary(), problems);
  if (format === 'json') terminal.out.line(JSON.stringify(report, null, 2));
  else showReport(terminal.out, report);
  for (const each of problems) each.show(terminal.err, UNREAD);
}

async function simulateAsLines(terminal: Terminal, input: SimulationInput): Promise<void> {
  const lines: string[] = [];
  const { problems } = await runSimulation(
    terminal,
    input,
    (decision) => void lines.push(formatDecision(decision)),
    () => handOn(terminal.out, lines),
  );
  for (const each of problems) each.show(terminal.err, UNREAD);
}

async function handOn(out: Output, lines: string[]): Promise<void> {
  if (lines.length === 0) return;
  out.write(`${lines.join('\n')}\n`);
  lines.length = 0;
  await out.drained();
}
