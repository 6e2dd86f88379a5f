import { createHash } from 'node:crypto';
import { readWorkspaceFolder } from '#config';
import { readWorkspace, type Workspace } from '#core';
import { formatDecision, Simulation, SimulationSummarizer } from '#rule-testing';
import { LineProblems } from '../../apps/cli/src/files/line-problems.js';
import { openNdjson } from '../../apps/cli/src/files/recording.js';
import { profile } from '../measure/profile.js';
import { beSide, measure } from '../measure/side.js';
import type { Found, SimulationJob } from './job.js';

/** As `kairos rules simulate` does it: the file read in blocks, decisions as lines, figures for the end. */
async function simulate(workspace: Workspace, path: string): Promise<Found> {
  const hash = createHash('sha256');
  const summarizer = new SimulationSummarizer(workspace);
  let lines: string[] = [];
  const simulation = new Simulation({
    workspace,
    assumeConsent: true,
    from: null,
    to: null,
    onDecision: (decision) => {
      summarizer.add(decision);
      lines.push(formatDecision(decision));
    },
  });
  const handOn = async (): Promise<boolean> => {
    if (lines.length > 0) hash.update(`${lines.join('\n')}\n`);
    lines = [];
    return true;
  };
  const recording = await openNdjson(path);
  await recording.read(simulation, new LineProblems(path), handOn);
  simulation.finish();
  await handOn();
  summarizer.summary();
  return { lines: simulation.events, decisions: hash.digest('hex') };
}

await beSide(async ({ path, workspace: folder, warmUps }: SimulationJob) => {
  const { workspace } = readWorkspace(await readWorkspaceFolder(folder));
  if (workspace === null) throw new Error(`${folder} has errors: kairos rules validate shows them`);
  for (let k = 0; k < warmUps; k++) await simulate(workspace, path);
  const profiled = await profile('simulate');
  const done = measure();
  const result = await simulate(workspace, path);
  const sample = done(result.lines);
  await profiled();
  return { sample, result };
});
