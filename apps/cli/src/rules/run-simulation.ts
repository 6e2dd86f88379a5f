import type { Workspace } from '#core';
import { Simulation, type SimulationOptions } from '#rule-testing';
import { LineProblems } from '../files/line-problems.js';
import { openLines, type LineSource } from '../files/read-lines.js';
import { startProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import { takeBlock, takeText } from './take-lines.js';

export interface SimulationInput {
  readonly workspace: Workspace;
  /** File of events, or `-`. */
  readonly events: string;
  readonly customers: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly assumeConsent: boolean;
}

export interface SimulationRun {
  readonly simulation: Simulation;
  /** Of the file of events, and of that of customers. */
  readonly problems: readonly LineProblems[];
}

/**
 * Reads the files line by line through a simulation, to its end.
 * @param afterBlock called now and then, and at the end: what was decided can be handed on
 */
export async function runSimulation(
  terminal: Terminal,
  input: SimulationInput,
  onDecision: SimulationOptions['onDecision'],
  afterBlock: () => Promise<void>,
): Promise<SimulationRun> {
  const simulation = new Simulation({ ...input, onDecision });
  const problems: LineProblems[] = [];
  // Opened first: a name that is wrong is told before a long file is read.
  const events = await openLines(input.events);
  if (input.customers !== null) problems.push(await readCustomers(simulation, await openLines(input.customers)));
  problems.push(await readEvents(terminal, simulation, events, afterBlock));
  simulation.finish();
  await afterBlock();
  return { simulation, problems };
}

async function readCustomers(simulation: Simulation, source: LineSource): Promise<LineProblems> {
  const problems = new LineProblems(source.name);
  for await (const block of source.blocks())
    for (let index = 0; index < block.count; index++)
      takeText(block.text(index), block.firstNumber + index, problems, (json, id) => simulation.customer(json, id));
  return problems;
}

async function readEvents(
  terminal: Terminal,
  simulation: Simulation,
  source: LineSource,
  afterBlock: () => Promise<void>,
): Promise<LineProblems> {
  const problems = new LineProblems(source.name);
  const progress = startProgress(terminal.err, 'Simulating', source.size);
  try {
    for await (const block of source.blocks()) {
      takeBlock(block, simulation, problems);
      progress.update(block.bytesRead, `${simulation.events.toLocaleString('en')} events`);
      await afterBlock();
      if (simulation.hasEnded) break;
    }
  } finally {
    progress.end();
  }
  return problems;
}
