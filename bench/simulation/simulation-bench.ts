import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expectSame } from '../measure/expect-same.js';
import { interleave } from '../measure/interleave.js';
import { report } from '../measure/report.js';
import { runSide } from '../measure/side.js';
import type { Found, SimulationJob } from './job.js';
import { writeRecording } from './recording-file.js';

/** dist/bench/simulation → the clone. */
const CLONE = resolve(import.meta.dirname, '../../..');
const WORKSPACE = join(CLONE, 'examples/shop');
const HISTORIES = join(CLONE, 'examples/recordings/otto.ndjson.gz');
const WARM_UPS = 2;

/**
 * SIM: a simulation of the example's three rules against gunzip and JSON.parse of the same file.
 * @param recorded a recording of one's own; null: so many events made of the histories in examples/recordings
 */
export async function simulationBench(events: number, recorded: string | null, rounds: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'));
  try {
    const path = recorded === null ? join(folder, 'recording.ndjson.gz') : resolve(recorded);
    if (recorded === null) await writeRecording(path, HISTORIES, events);
    return await compare(
      { path, workspace: WORKSPACE, warmUps: WARM_UPS },
      recorded ?? 'shopping histories, multiplied',
      rounds,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(job: SimulationJob, what: string, rounds: number): Promise<boolean> {
  const decisions = await expectedDecisions(job);
  const parse = async () => {
    const { sample, result } = await runSide<Found>('simulation/parse-side.js', job);
    return { sample, result };
  };
  const { lines } = (await parse()).result;
  console.log(`SIM: ${lines.toLocaleString('en')} events (${what})`);
  const measured = await interleave(
    {
      simulate: async () => {
        const { sample, result } = await runSide<Found>('simulation/simulate-side.js', job);
        expectSame('the simulation', result, { lines, decisions });
        return sample;
      },
      parse: async () => {
        const { sample, result } = await parse();
        expectSame('JSON.parse', result, { lines, decisions: '' });
        return sample;
      },
    },
    'parse',
    rounds,
    console.log,
  );
  return report(
    {
      id: 'SIM',
      title: 'simulation of three rules, caps and quiet hours / gunzip and JSON.parse of the same file',
      ours: 'simulate',
      baseline: 'parse',
      gate: 0.5,
      aim: 0.8,
      checked: 'every decision, byte for byte, is that of the oracle (test/oracle)',
    },
    measured,
  );
}

/** SHA-256 of what a second program decides, which shares no code with this one. */
async function expectedDecisions({ path, workspace }: SimulationJob): Promise<string> {
  const oracle = join(CLONE, 'test/oracle/oracle.mjs');
  const args = ['--max-old-space-size=8192', oracle, '--workspace', workspace, '--events', path, '--assume-consent'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const hash = createHash('sha256');
  child.stdout.on('data', (text: Buffer) => hash.update(text));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`the oracle ended with ${status}`);
  return hash.digest('hex');
}
