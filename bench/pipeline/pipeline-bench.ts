import { expectSame } from '../measure/expect-same.js';
import { interleave } from '../measure/interleave.js';
import { report } from '../measure/report.js';
import { runSide, type Sample } from '../measure/side.js';
import { openBrokers } from './brokers.js';
import type { ConsumeJob, Read } from './consume-job.js';
import { openDatabases, type Databases } from './databases.js';
import type { EngineJob } from './engine-side.js';
import { readExpected, type Expected } from './expected.js';
import { readDatabase } from './read-database.js';
import { dropTopics, loadTopic, type LoadedTopic, type TopicSize } from './topics.js';

export interface PipelineSize extends TopicSize {
  /** Read before measuring, by every side in its process. */
  readonly warmUp: number;
  /** The Nest side is slow: it reads so many of the events. */
  readonly nestEvents: number;
}

const NAMES = ['Product Viewed', 'Product Added', 'Order Completed'];

/** R2 and R4: the durable pipeline against what reads the same topic and keeps nothing. */
export async function pipelineBench(size: PipelineSize, rounds: number): Promise<boolean> {
  const kafka = await openBrokers();
  const databases = await openDatabases();
  const topics = [`bench-${process.pid}-warm-up`, `bench-${process.pid}`] as const;
  try {
    console.log(
      `R2, R4: loading ${size.events.toLocaleString('en')} events of ${size.customers.toLocaleString('en')} customers into ${size.partitions} partitions`,
    );
    const warmUp = await loadTopic(kafka.brokers, topics[0], { ...size, events: size.warmUp });
    const measured = await loadTopic(kafka.brokers, topics[1], size);
    return await compare(kafka.brokers, databases, { warmUp, measured }, size.nestEvents, rounds);
  } finally {
    await dropTopics(kafka.brokers, topics).catch(() => undefined);
    await databases.stop();
    await kafka.stop();
  }
}

interface Topics {
  readonly warmUp: LoadedTopic;
  readonly measured: LoadedTopic;
}

async function compare(
  brokers: string,
  databases: Databases,
  topics: Topics,
  nestEvents: number,
  rounds: number,
): Promise<boolean> {
  const expected = await readExpected(brokers, topics.measured);
  const sides = {
    raw: () => consume('pipeline/raw-side.js', brokers, topics, topics.measured.events, expected),
    engine: () => runEngine(brokers, databases, topics, expected),
    nest: () => consume('pipeline/nest-side.js', brokers, topics, nestEvents, expected),
  };
  const measured = await interleave(sides, 'raw', rounds, console.log);
  const { started, stopped, planned, cancelled, waiting } = expected.found;
  const checked = `${started} runs, ${stopped} stopped, ${planned} messages, ${cancelled} taken back, ${waiting} waiting in the database: as expected`;
  const r2 = report(
    {
      id: 'R2',
      title: 'durable pipeline, Kafka to PostgreSQL / kafkajs eachBatch + JSON.parse',
      ours: 'engine',
      baseline: 'raw',
      gate: 0.7,
      aim: 1.5,
      checked,
    },
    measured,
  );
  const r4 = report(
    {
      id: 'R4',
      title: 'durable pipeline, Kafka to PostgreSQL / Nest @EventPattern',
      ours: 'engine',
      baseline: 'nest',
      gate: 4,
      aim: 8,
      checked,
    },
    measured,
  );
  return r2 && r4;
}

async function runEngine(
  brokers: string,
  databases: Databases,
  { warmUp, measured }: Topics,
  expected: Expected,
): Promise<Sample> {
  const job: EngineJob = {
    brokers,
    warmUp: { loaded: warmUp, databaseUrl: await databases.fresh() },
    measured: { loaded: measured, databaseUrl: await databases.fresh() },
  };
  const { sample, result } = await runSide<{ commits: number }>('pipeline/engine-side.js', job);
  console.log(`  ${Math.round(sample.events / result.commits)} events a commit`);
  expectSame('the engine', await readDatabase(job.measured.databaseUrl), expected.found);
  return sample;
}

async function consume(
  program: string,
  brokers: string,
  { warmUp, measured }: Topics,
  events: number,
  expected: Expected,
): Promise<Sample> {
  const job = (loaded: LoadedTopic, count: number): ConsumeJob => ({
    brokers,
    topic: loaded.topic,
    partitions: loaded.partitions,
    events: count,
  });
  const { sample, result } = await runSide<Read>(program, {
    warmUp: job(warmUp, Math.min(events, warmUp.events)),
    measured: job(measured, events),
  });
  expectSame(program, result.kinds, kindsUpTo(result.next, expected));
  return sample;
}

/** How many events of each name lie before these offsets. */
function kindsUpTo(next: readonly number[], { kinds }: Expected): Read['kinds'] {
  const counts: Record<string, number> = {};
  next.forEach((offset, partition) => {
    for (const kind of kinds[partition]!.subarray(0, offset)) counts[NAMES[kind]!] = (counts[NAMES[kind]!] ?? 0) + 1;
  });
  return counts;
}
