import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What one side did in the stretch that was measured. */
export interface Sample {
  readonly events: number;
  /** Of the measured process alone, all its threads, s. */
  readonly cpu: number;
  /** s */
  readonly wall: number;
}

/** What a side's process reports: its sample, and what it found, to be compared with what was expected. */
export interface SideReport<Result> {
  readonly sample: Sample;
  readonly result: Result;
}

/** As the trigger engine is started (package.json); the other sides gain by it too. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];

/**
 * Runs `program` (a module of bench/, as built) in a process of its own and waits for its report. Throws when it ends
 * without one.
 */
export async function runSide<Result>(program: string, job: object): Promise<SideReport<Result>> {
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const child = fork(path, [JSON.stringify(job)], { execArgv: [...process.execArgv, ...NODE_OPTIONS] });
  return new Promise((resolve, reject) => {
    let report: SideReport<Result> | undefined;
    child.on('message', (message) => (report = message as SideReport<Result>));
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      if (report !== undefined && status === 0) resolve(report);
      else reject(new Error(`${program} ended with ${signal ?? status}`));
    });
  });
}

/** The body of a side's program: does the job it was given, reports, ends. */
export async function beSide<Job, Result>(
  work: (job: Job) => Promise<SideReport<Result>> | SideReport<Result>,
): Promise<void> {
  const report = await work(JSON.parse(process.argv[2]!) as Job);
  await new Promise<void>((resolve) => process.send!(report, undefined, {}, () => resolve()));
  process.exit(0);
}

/** Starts measuring now; the returned function ends it. */
export function measure(): (events: number) => Sample {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return (events) => {
    const { user, system } = process.cpuUsage(cpu);
    return { events, cpu: (user + system) / 1e6, wall: (performance.now() - wall) / 1e3 };
  };
}
