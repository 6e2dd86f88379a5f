import type { EngineObserver } from '#engine';
import { profile } from '../measure/profile.js';
import { measureWithServer } from '../measure/processor-time.js';
import { beSide, measure, type Sample } from '../measure/side.js';
import { observerOf, startBenchEngine } from './bench-engine.js';
import type { LoadedTopic } from './topics.js';

export interface EngineJob {
  readonly brokers: string;
  /** The rule alone, or among 499 others. */
  readonly rules: 1 | 500;
  /** The processor time of PostgreSQL counts, too. */
  readonly withServer: boolean;
  readonly warmUp: { readonly loaded: LoadedTopic; readonly databaseUrl: string };
  readonly measured: { readonly loaded: LoadedTopic; readonly databaseUrl: string };
}

/** Resolves with the number of commits when `events` records are committed. */
function commitsOf(events: number): { readonly observer: EngineObserver; readonly all: Promise<number> } {
  let committed = 0;
  let commits = 0;
  let finish: (commits: number) => void;
  const all = new Promise<number>((resolve) => (finish = resolve));
  const observer = observerOf({
    batchCommitted: (_, records) => {
      commits++;
      committed += records;
      if (committed >= events) finish(commits);
    },
  });
  return { observer, all };
}

/** The trigger engine from the assignment of its partitions to the last commit. */
async function processTopic(
  { brokers, rules, withServer }: EngineJob,
  { loaded, databaseUrl }: EngineJob['measured'],
): Promise<{ sample: Sample; commits: number }> {
  const { observer, all } = commitsOf(loaded.events);
  const begin = withServer ? await measureWithServer(databaseUrl) : measure;
  let done: ReturnType<typeof measure> | undefined;
  const stop = await startBenchEngine({
    brokers,
    rules,
    loaded,
    databaseUrl,
    observer,
    onAssigned: () => (done ??= begin()),
  });
  const commits = await all;
  const sample = done!(loaded.events);
  await stop();
  return { sample, commits };
}

await beSide(async (job: EngineJob) => {
  await processTopic(job, job.warmUp);
  const profiled = await profile('engine');
  const { sample, commits } = await processTopic(job, job.measured);
  await profiled();
  return { sample, result: { commits } };
});
