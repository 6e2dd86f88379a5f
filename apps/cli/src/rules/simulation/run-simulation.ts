import type { RecordingTaker } from '#rule-testing';
import { LineProblems } from '../../files/line-problems.js';
import type { LineSource } from '../../files/read-lines.js';
import type { Recording } from '../../files/recording.js';
import { takeLine } from '../../files/take-lines.js';
import { startProgress } from '../../terminal/progress.js';
import type { Terminal } from '../../terminal/terminal.js';

export interface SimulationInput {
  readonly recording: Recording;
  /** File of identify calls, or `-`. */
  readonly customers: LineSource | null;
}

/**
 * Reads the files line by line through a simulation, to its end.
 * @param afterBlock called now and then, and at the end: what was decided can be handed on
 * @returns the lines that could not be read, of each file
 */
export async function runSimulation(
  terminal: Terminal,
  { recording, customers }: SimulationInput,
  simulation: RecordingTaker,
  afterBlock: () => Promise<void>,
): Promise<readonly LineProblems[]> {
  const problems: LineProblems[] = [];
  if (customers !== null) problems.push(await readCustomers(simulation, customers));
  problems.push(await readEvents(terminal, simulation, recording, afterBlock));
  warnOfDisorder(terminal, simulation, recording.name);
  simulation.finish();
  await afterBlock();
  return problems;
}

function warnOfDisorder({ err }: Terminal, { disordered }: RecordingTaker, name: string): void {
  if (disordered === 0) return;
  const lie = disordered === 1 ? '1 event lies' : `${disordered.toLocaleString('en')} events lie`;
  err.line(
    `in ${name} ${lie} more than an hour before one above, and counted as that late; sort the file by time if it is not in order`,
  );
}

async function readCustomers(simulation: RecordingTaker, source: LineSource): Promise<LineProblems> {
  const problems = new LineProblems(source.name);
  for await (const block of source.blocks())
    for (let index = 0; index < block.count; index++)
      takeLine(block, index, problems, (json, id) => simulation.customer(json, id));
  return problems;
}

async function readEvents(
  terminal: Terminal,
  simulation: RecordingTaker,
  recording: Recording,
  afterBlock: () => Promise<void>,
): Promise<LineProblems> {
  const problems = new LineProblems(recording.name);
  const progress = startProgress(terminal.err, 'Simulating', recording.size);
  try {
    await recording.read(simulation, problems, async (bytesRead) => {
      progress.update(bytesRead, `${simulation.events.toLocaleString('en')} events`);
      await afterBlock();
      return !simulation.hasEnded;
    });
  } finally {
    progress.end();
  }
  return problems;
}
