import { parseArgs } from 'node:util';
import { capBench } from './delivery/cap-bench.js';
import { deliveryBench } from './delivery/delivery-bench.js';
import { fiftyRulesBench } from './fifty-rules/fifty-rules-bench.js';
import { statesBench } from './states/states-bench.js';
import { timersBench } from './timers/timers-bench.js';
import { simulationBench } from './simulation/simulation-bench.js';
import { pipelineBench } from './pipeline/pipeline-bench.js';

const NAMES = ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'SIM'];
const USAGE = `Usage: npm run bench -- [${NAMES.join('|')} ...] [--events N] [--customers N] [--messages N] [--rounds N] [--recording FILE] (see bench/README.md)`;

function wrongUsage(problem: string): never {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}

function readArguments(): {
  readonly names: ReadonlySet<string>;
  readonly number: (option: string, otherwise: number) => number;
  readonly recording: string | null;
} {
  const text = { type: 'string' } as const;
  const options = { events: text, customers: text, messages: text, rounds: text, recording: text };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const unknown = positionals.find((name) => !NAMES.includes(name));
    if (unknown !== undefined) wrongUsage(`There is no benchmark ${unknown}.`);
    const number = (option: string, otherwise: number): number => {
      const given = (values as { readonly [name: string]: string | undefined })[option];
      if (given === undefined) return otherwise;
      return /^[1-9]\d*$/.test(given) ? Number(given) : wrongUsage(`--${option} must be a whole number from 1 on.`);
    };
    const names = new Set(positionals.length > 0 ? positionals : NAMES);
    return { names, number, recording: values.recording ?? null };
  } catch (error) {
    return wrongUsage((error as Error).message);
  }
}

const { names, number, recording } = readArguments();
const rounds = number('rounds', 5);
const customers = number('customers', 100_000);
let reached = true;
if (names.has('R1')) reached = await fiftyRulesBench({ customers, events: number('events', 300_000) }, rounds);
if (names.has('SIM')) reached = (await simulationBench(number('events', 100_000), recording, rounds)) && reached;
if (names.has('R2') || names.has('R4') || names.has('R9')) {
  const events = number('events', 1_000_000);
  const size = { partitions: 8, customers, events, warmUp: 300_000, nestEvents: Math.min(120_000, events) };
  reached = (await pipelineBench(names, size, rounds)) && reached;
}
if (names.has('R3')) {
  const size = { partitions: 8, customers, events: number('events', 300_000) };
  reached = (await statesBench(size, 100_000, rounds)) && reached;
}
if (names.has('R5')) reached = (await timersBench(customers, 20_000, rounds)) && reached;
if (names.has('R6') || names.has('R7')) {
  const size = { messages: number('messages', 20_000), warmUp: 3_000 };
  reached = (await deliveryBench(names, size, rounds)) && reached;
}
if (names.has('R8')) reached = (await capBench(number('messages', 20_000), rounds)) && reached;
process.exitCode = reached ? 0 : 1;
