import { TriggerEngine, type EngineObserver, type EventStream, type OwnershipListener } from '#engine';
import { PostgresPartitionStore, PostgresPool } from '#postgres';
import { KafkaEventStream } from '#streams';
import { profile } from '../measure/profile.js';
import { beSide, measure, type Sample } from '../measure/side.js';
import { rulesetsFrom } from '../traffic/rulesets-from.js';
import { ABANDONED_CART, amongMany } from './abandoned-cart.js';
import { quiet } from './quiet.js';
import { recordingClock } from './recording-clock.js';
import type { LoadedTopic } from './topics.js';

export interface EngineJob {
  readonly brokers: string;
  /** The rule alone, or among 499 others. */
  readonly rules: 1 | 500;
  readonly warmUp: { readonly loaded: LoadedTopic; readonly databaseUrl: string };
  readonly measured: { readonly loaded: LoadedTopic; readonly databaseUrl: string };
}

const CACHE_BYTES = 256 * 1024 * 1024;
const CONNECTIONS = 16;

/** Resolves with the number of commits when `events` records are committed. */
function commitsOf(events: number): { readonly observer: EngineObserver; readonly all: Promise<number> } {
  let committed = 0;
  let commits = 0;
  let finish: (commits: number) => void;
  const all = new Promise<number>((resolve) => (finish = resolve));
  const ignore = (): void => undefined;
  const observer: EngineObserver = {
    batchCommitted: (_, records) => {
      commits++;
      committed += records;
      if (committed >= events) finish(commits);
    },
    progress: ignore,
    cacheLookups: ignore,
    timersPending: ignore,
    timersFired: ignore,
    runsStarted: ignore,
    deadLettered: ignore,
    forwarded: ignore,
    suspended: ignore,
    released: ignore,
    partitions: ignore,
    fenceLost: ignore,
  };
  return { observer, all };
}

/** All rounds read the same topic: nothing may be added to it, the ticks of a busy engine neither. */
function readOnly(stream: KafkaEventStream, onAssigned: () => void): EventStream {
  return {
    name: stream.name,
    partitionCount: () => stream.partitionCount(),
    append: async () => [],
    close: () => stream.close(),
    own: (listener: OwnershipListener) =>
      stream.own({
        assigned: (feed) => {
          onAssigned();
          listener.assigned(feed);
        },
        revoked: (feed) => listener.revoked(feed),
      }),
  };
}

/** The trigger engine as its service runs it, from the assignment of its partitions to the last commit. */
async function processTopic(
  { brokers, rules }: EngineJob,
  { loaded, databaseUrl }: EngineJob['measured'],
): Promise<{ sample: Sample; commits: number }> {
  const { topic, partitions, events, marks } = loaded;
  const clock = recordingClock(marks);
  const pool = new PostgresPool({
    url: databaseUrl,
    applicationName: 'kairos-bench',
    max: CONNECTIONS,
    log: (line) => quiet.warn(line),
  });
  const kafka = new KafkaEventStream({
    name: topic,
    group: `engine-${topic}-${process.pid}-${Date.now()}`,
    partitions,
    connection: { brokers: brokers.split(',') },
    clock,
    log: quiet,
  });
  const { observer, all } = commitsOf(events);
  let done: ReturnType<typeof measure> | undefined;
  const stream = readOnly(kafka, () => (done ??= measure()));
  const rulesets = rulesetsFrom(rules === 1 ? { 'abandoned-cart': ABANDONED_CART } : amongMany());
  const engine = new TriggerEngine({
    store: new PostgresPartitionStore(pool, topic),
    stream,
    deadLetters: null,
    history: null,
    rulesets,
    rulesetsAt: () => Promise.resolve(rulesets),
    clock,
    observer,
    log: quiet,
    owner: 'bench',
    cacheBytes: CACHE_BYTES,
  });
  await engine.start();
  const commits = await all;
  const sample = done!(events);
  await engine.stop();
  await kafka.close();
  await pool.end();
  return { sample, commits };
}

await beSide(async (job: EngineJob) => {
  await processTopic(job, job.warmUp);
  const profiled = await profile('engine');
  const { sample, commits } = await processTopic(job, job.measured);
  await profiled();
  return { sample, result: { commits } };
});
