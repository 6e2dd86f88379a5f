import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expectSame } from '../measure/expect-same.js';
import { interleave } from '../measure/interleave.js';
import { report } from '../measure/report.js';
import { runSide, type Sample } from '../measure/side.js';
import { openBrokers } from '../pipeline/brokers.js';
import { openDatabases, type Databases } from '../pipeline/databases.js';
import type { EngineJob } from '../pipeline/engine-side.js';
import { readExpected, type Found } from '../pipeline/expected.js';
import { readDatabase } from '../pipeline/read-database.js';
import { dropTopics, loadTopic, type LoadedTopic, type TopicSize } from '../pipeline/topics.js';
import type { RecordJob } from './record-rows-side.js';
import type { UpsertJob } from './upsert-side.js';

interface Use {
  readonly brokers: string;
  readonly databases: Databases;
  readonly folder: string;
  readonly topics: { readonly warmUp: LoadedTopic; readonly measured: LoadedTopic };
  readonly found: Found;
}

/** R3: the durable pipeline where every event changes a state, against an upsert of the very rows it writes. */
export async function statesBench(size: TopicSize, warmUpEvents: number, rounds: number): Promise<boolean> {
  const kafka = await openBrokers();
  const databases = await openDatabases();
  const folder = mkdtempSync(join(tmpdir(), 'kairos-bench-'));
  const topics = [`bench-${process.pid}-states-warm-up`, `bench-${process.pid}-states`] as const;
  try {
    console.log(`R3: loading ${size.events.toLocaleString('en')} cart events into ${size.partitions} partitions`);
    const { brokers } = kafka;
    const warmUp = await loadTopic(brokers, topics[0], { ...size, events: warmUpEvents }, 'cart');
    const measured = await loadTopic(brokers, topics[1], size, 'cart');
    const { found } = await readExpected(brokers, measured);
    const use: Use = { brokers, databases, folder, topics: { warmUp, measured }, found };
    const rows = { warmUp: await recordRows(use, warmUp), measured: await recordRows(use, measured) };
    const sides = { engine: () => runEngine(use), upsert: () => runUpserts(use, rows) };
    const rounded = await interleave(sides, 'upsert', rounds, console.log);
    return report(
      {
        id: 'R3',
        title: 'durable pipeline where every event changes a state / upsert of the same rows',
        ours: 'engine',
        baseline: 'upsert',
        gate: 0.5,
        aim: 0.9,
        checked: `${found.waiting} runs waiting as expected, as many rows upserted; processor time with PostgreSQL's`,
      },
      rounded,
    );
  } finally {
    await dropTopics(kafka.brokers, topics).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
    await databases.stop();
    await kafka.stop();
  }
}

/** Returns the file with the rows that the engine writes when it reads this topic. */
async function recordRows({ brokers, databases, folder }: Use, loaded: LoadedTopic): Promise<string> {
  const path = join(folder, loaded.topic);
  const job: RecordJob = { brokers, loaded, databaseUrl: await databases.fresh(), path };
  await runSide('states/record-rows-side.js', job);
  return path;
}

async function runEngine({ brokers, databases, topics: { warmUp, measured }, found }: Use): Promise<Sample> {
  const job: EngineJob = {
    brokers,
    rules: 1,
    withServer: true,
    warmUp: { loaded: warmUp, databaseUrl: await databases.fresh() },
    measured: { loaded: measured, databaseUrl: await databases.fresh() },
  };
  const { sample } = await runSide('pipeline/engine-side.js', job);
  expectSame('the engine', await readDatabase(job.measured.databaseUrl), found);
  return sample;
}

async function runUpserts(
  { databases, topics, found }: Use,
  rows: { readonly warmUp: string; readonly measured: string },
): Promise<Sample> {
  const job: UpsertJob = {
    warmUp: { path: rows.warmUp, databaseUrl: await databases.fresh(), events: topics.warmUp.events },
    measured: { path: rows.measured, databaseUrl: await databases.fresh(), events: topics.measured.events },
  };
  const { sample } = await runSide('states/upsert-side.js', job);
  const client = new pg.Client({ connectionString: job.measured.databaseUrl });
  await client.connect();
  const { rows: counted } = await client.query<{ waiting: number }>(
    'select count(*)::int as waiting from customer_state where next_fire is not null',
  );
  await client.end();
  expectSame('the upserts', counted[0], { waiting: found.waiting });
  return sample;
}
