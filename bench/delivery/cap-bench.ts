import pg from 'pg';
import { expectSame } from '../measure/expect-same.js';
import { interleave } from '../measure/interleave.js';
import { report } from '../measure/report.js';
import { runSide, type Sample } from '../measure/side.js';
import { openDatabases, type Databases } from '../pipeline/databases.js';
import { START_LOCK, type CapJob } from './cap-job.js';
import { planMessages } from './plan-messages.js';
import { serverProcessorTime } from '../measure/processor-time.js';

const WORKERS = 4;

/**
 * R8: decisions about caps by four workers at once, against one statement that counts. The statement costs its Node process
 * nothing, so here processor time is that of all Node processes and of PostgreSQL together.
 */
export async function capBench(customers: number, rounds: number): Promise<boolean> {
  const databases = await openDatabases();
  try {
    const one = await compare(databases, { customers, each: 1 }, rounds, { gate: 0.6, aim: 0.9 });
    const three = await compare(databases, { customers, each: 3 }, rounds, { gate: 0.8, aim: 2 });
    return one && three;
  } finally {
    await databases.stop();
  }
}

type Size = Pick<CapJob, 'customers' | 'each'>;

async function compare(
  databases: Databases,
  size: Size,
  rounds: number,
  { gate, aim }: { readonly gate: number; readonly aim: number },
): Promise<boolean> {
  const sides = {
    upsert: () => runWorkers(databases, size, 'upserts'),
    claim: () => runWorkers(databases, size, 'claims'),
  };
  const measured = await interleave(sides, 'upsert', rounds, console.log);
  const messages = size.customers * size.each;
  return report(
    {
      id: 'R8',
      title: `cap decisions of ${WORKERS} workers, ${size.each} messages of a customer a claim / upsert of a counter`,
      ours: 'claim',
      baseline: 'upsert',
      gate,
      aim,
      checked: `of ${messages} messages ${size.customers} may leave, one of each customer; processor time with PostgreSQL's`,
    },
    measured,
  );
}

async function runWorkers(databases: Databases, size: Size, how: CapJob['how']): Promise<Sample> {
  const databaseUrl = await databases.fresh();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    if (how === 'claims') await planMessages(databaseUrl, { ...size, kind: 'mail' });
    else await client.query('create table bench_cap (customer_id uuid primary key, n int) with (fillfactor = 60)');
    await client.query('select pg_advisory_lock($1)', [START_LOCK]);
    const jobs = Array.from({ length: WORKERS }, (_, worker): CapJob => ({
      ...size,
      databaseUrl,
      how,
      worker,
      workers: WORKERS,
    }));
    const running = Promise.all(jobs.map((job) => runSide('delivery/cap-worker.js', job)));
    running.catch(() => undefined);
    await Promise.race([running, allWait(client)]);
    const serverTime = await serverProcessorTime(databaseUrl);
    const before = serverTime();
    await client.query('select pg_advisory_unlock($1)', [START_LOCK]);
    const samples = (await running).map(({ sample }) => sample);
    const server = (serverTime() ?? 0) - (before ?? 0);
    const mayLeave = await countThoseThatMayLeave(client, how);
    const decided = samples.reduce((sum, { events }) => sum + events, 0);
    expectSame(how, { decided, mayLeave }, { decided: size.customers * size.each, mayLeave: size.customers });
    return {
      events: decided,
      cpu: samples.reduce((sum, { cpu }) => sum + cpu, server),
      wall: Math.max(...samples.map(({ wall }) => wall)),
    };
  } finally {
    await client.end();
  }
}

async function allWait(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`,
    );
    if (rows[0]!.n === WORKERS) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function countThoseThatMayLeave(client: pg.Client, how: CapJob['how']): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    how === 'claims'
      ? 'select count(*)::int as n from message_open where state = 1'
      : 'select count(*)::int as n from bench_cap where n = 1',
  );
  return rows[0]!.n;
}
