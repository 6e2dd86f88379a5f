import pg from 'pg';
import { expectSame } from '../measure/expect-same.js';
import { interleave } from '../measure/interleave.js';
import { report } from '../measure/report.js';
import { runSide, type Sample } from '../measure/side.js';
import { openBrokers } from '../pipeline/brokers.js';
import { openDatabases, type Databases } from '../pipeline/databases.js';
import { dropTopics, loadCarts, type LoadedTopic } from '../pipeline/topics.js';
import type { QueueJob } from './queue-side.js';
import type { TimersJob } from './timers-side.js';

const PARTITIONS = 8;
/** About what a state and a planned message take. */
const PAYLOAD_BYTES = 400;

interface Use {
  readonly brokers: string;
  readonly databases: Databases;
  readonly timers: number;
  readonly warmUp: number;
}

/** R5: waits that end all at once, each with its state and its message, against a queue in one table. */
export async function timersBench(timers: number, warmUp: number, rounds: number): Promise<boolean> {
  const kafka = await openBrokers();
  const databases = await openDatabases();
  const use: Use = { brokers: kafka.brokers, databases, timers, warmUp };
  try {
    console.log(`R5: ${timers.toLocaleString('en')} waits in ${PARTITIONS} partitions that end at once`);
    const sides = { engine: () => runEngine(use), queue: () => runQueue(use) };
    const measured = await interleave(sides, 'queue', rounds, console.log);
    return report(
      {
        id: 'R5',
        title: 'waits ended and messages planned / delete … skip locked, 1000 at a time, into an outbox',
        ours: 'engine',
        baseline: 'queue',
        gate: 0.6,
        aim: 1,
        checked: `${timers} messages of as many customers, no wait left; processor time with PostgreSQL's`,
      },
      measured,
    );
  } finally {
    await databases.stop();
    await kafka.stop();
  }
}

async function runEngine({ brokers, databases, timers, warmUp }: Use): Promise<Sample> {
  const topic = async (name: string, customers: number): Promise<TimersJob['measured']> => ({
    loaded: await loadCarts(brokers, `bench-${process.pid}-${Date.now()}-${name}`, PARTITIONS, customers),
    databaseUrl: await databases.fresh(),
  });
  const job: TimersJob = { brokers, warmUp: await topic('warm-up', warmUp), measured: await topic('timers', timers) };
  const { sample } = await runSide('timers/timers-side.js', job);
  const counts = `
    select count(*)::int as messages, count(distinct customer_id)::int as customers,
           (select count(*) from customer_state where next_fire is not null)::int as waiting from message_open`;
  expectSame('the engine', await ask(job.measured.databaseUrl, counts), {
    messages: timers,
    customers: timers,
    waiting: 0,
  });
  await dropTopics(
    brokers,
    [job.warmUp, job.measured].map(({ loaded }: { loaded: LoadedTopic }) => loaded.topic),
  ).catch(() => undefined);
  return sample;
}

async function runQueue({ databases, timers, warmUp }: Use): Promise<Sample> {
  const queue = async (count: number): Promise<QueueJob['measured']> => {
    const databaseUrl = await databases.fresh();
    await ask(
      databaseUrl,
      `create table bench_timer (id uuid primary key, due bigint not null, customer_id uuid not null, payload bytea not null);
       create index on bench_timer (due);
       create table bench_outbox (id uuid primary key, customer_id uuid not null, payload bytea not null);
       insert into bench_timer
       select gen_random_uuid(), 1, gen_random_uuid(), convert_to(repeat('x', ${PAYLOAD_BYTES}), 'UTF8') from generate_series(1, ${count});
       analyze bench_timer`,
    );
    return { databaseUrl, timers: count, lanes: PARTITIONS };
  };
  const job: QueueJob = { warmUp: await queue(warmUp), measured: await queue(timers) };
  const { sample } = await runSide('timers/queue-side.js', job);
  const counts = 'select count(*)::int as fired, (select count(*) from bench_timer)::int as waiting from bench_outbox';
  expectSame('the queue', await ask(job.measured.databaseUrl, counts), { fired: timers, waiting: 0 });
  return sample;
}

/** The first row of what a statement answers. */
async function ask(databaseUrl: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const result = await client.query(statement);
    return (result.rows as unknown[] | undefined)?.[0];
  } finally {
    await client.end();
  }
}
