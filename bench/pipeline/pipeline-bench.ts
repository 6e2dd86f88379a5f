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

/**
 * R2 and R4: the durable pipeline against what reads the same topic and keeps nothing. R9: against itself with 500 rules.
 */
export async function pipelineBench(names: ReadonlySet<string>, size: PipelineSize, rounds: number): Promise<boolean> {
  const kafka = await openBrokers();
  const databases = await openDatabases();
  const topics = [`bench-${process.pid}-warm-up`, `bench-${process.pid}`] as const;
  try {
    console.log(
      `R2, R4, R9: loading ${size.events.toLocaleString('en')} events of ${size.customers.toLocaleString('en')} customers into ${size.partitions} partitions`,
    );
    const warmUp = await loadTopic(kafka.brokers, topics[0], { ...size, events: size.warmUp });
    const measured = await loadTopic(kafka.brokers, topics[1], size);
    const expected = await readExpected(kafka.brokers, measured);
    const use = { brokers: kafka.brokers, databases, topics: { warmUp, measured }, expected, rounds };
    let reached = true;
    if (names.has('R2') || names.has('R4')) reached = await againstReaders(use, size.nestEvents);
    if (names.has('R9')) reached = (await withManyRules(use)) && reached;
    return reached;
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

interface Comparison {
  readonly brokers: string;
  readonly databases: Databases;
  readonly topics: Topics;
  readonly expected: Expected;
  readonly rounds: number;
}

async function againstReaders(use: Comparison, nestEvents: number): Promise<boolean> {
  const { topics } = use;
  const sides = {
    raw: () => consume('pipeline/raw-side.js', use, topics.measured.events),
    engine: () => runEngine(use, 1),
    nest: () => consume('pipeline/nest-side.js', use, nestEvents),
  };
  const measured = await interleave(sides, 'raw', use.rounds, console.log);
  const checked = whatWasChecked(use.expected);
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

async function withManyRules(use: Comparison): Promise<boolean> {
  const sides = { many: () => runEngine(use, 500), engine: () => runEngine(use, 1) };
  const measured = await interleave(sides, 'engine', use.rounds, console.log);
  return report(
    {
      id: 'R9',
      title: 'durable pipeline with 500 rules / with one of them',
      ours: 'many',
      baseline: 'engine',
      gate: 0.5,
      aim: 0.9,
      checked: whatWasChecked(use.expected),
    },
    measured,
  );
}

function whatWasChecked({ found: { started, stopped, planned, cancelled, waiting } }: Expected): string {
  return `${started} runs, ${stopped} stopped, ${planned} messages, ${cancelled} taken back, ${waiting} waiting in the database: as expected`;
}

async function runEngine(
  { brokers, databases, topics: { warmUp, measured }, expected }: Comparison,
  rules: 1 | 500,
): Promise<Sample> {
  const job: EngineJob = {
    brokers,
    rules,
    withServer: false,
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
  { brokers, topics: { warmUp, measured }, expected }: Comparison,
  events: number,
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
