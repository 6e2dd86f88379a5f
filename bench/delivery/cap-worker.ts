import { customerIdOf, deliveryPolicy } from '#core';
import { claimDecider } from '#engine';
import { PostgresMessageLedger, PostgresPool } from '#postgres';
import { beSide, measure } from '../measure/side.js';
import { benchShop, DAILY_CAPS } from './bench-shop.js';
import { START_LOCK, type CapJob } from './cap-job.js';
import { customerOf, STREAM } from './plan-messages.js';

const BATCH = 500;
const LEASE_MS = 600_000;
const clock = { at: (ms: number): number => ms, now: (): number => Date.now() };
const WAIT = { name: 'bench_wait', text: `select pg_advisory_lock_shared(${START_LOCK})` };
/** A counter a customer: how one would keep a cap of one a day in one statement. */
const UPSERT = {
  name: 'bench_upsert',
  text: `insert into bench_cap as c (customer_id, n) select id, 1 from unnest($1::uuid[]) id
         on conflict (customer_id) do update set n = c.n + 1 where c.n < 1 returning customer_id`,
};

async function claims(pool: PostgresPool, { worker }: CapJob): Promise<number> {
  const loaded = benchShop(DAILY_CAPS);
  const decide = claimDecider({
    rulesets: loaded.rulesets,
    policy: deliveryPolicy(loaded.workspace),
    spreadReleases: true,
    onDecision: () => decided++,
  });
  const ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock });
  let decided = 0;
  // What others hold now comes again: it is over when nothing is due any more.
  while ((await ledger.dueCount()) > 0)
    while ((await ledger.claim({ worker, limit: BATCH, leaseMs: LEASE_MS }, decide)).customers > 0);
  return decided;
}

async function upserts(pool: PostgresPool, { customers, each, worker, workers }: CapJob): Promise<number> {
  let decided = 0;
  for (let turn = 0; turn < each; turn++) {
    const mine = Array.from({ length: customers }, (_, n) => n).filter((n) => (n + turn) % workers === worker);
    for (let from = 0; from < mine.length; from += BATCH) {
      const ids = mine
        .slice(from, from + BATCH)
        .map((n) => customerIdOf(customerOf(n)))
        .sort();
      await pool.run(UPSERT, [`{${ids.join()}}`]);
      decided += ids.length;
    }
  }
  return decided;
}

await beSide(async (job: CapJob) => {
  const pool = new PostgresPool({
    url: job.databaseUrl,
    applicationName: 'kairos-bench',
    max: 2,
    log: () => undefined,
  });
  await pool.run(WAIT);
  const done = measure();
  const decided = await (job.how === 'claims' ? claims(pool, job) : upserts(pool, job));
  const sample = done(decided);
  await pool.end();
  return { sample, result: null };
});
