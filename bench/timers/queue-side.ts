import { PostgresPool } from '#postgres';
import { measureWithServer } from '../measure/processor-time.js';
import { beSide, type Sample } from '../measure/side.js';

export interface QueueJob {
  readonly warmUp: Queue;
  readonly measured: Queue;
}

interface Queue {
  /** With the tables of `queue.ts`. */
  readonly databaseUrl: string;
  readonly timers: number;
  /** Workers beside each other. */
  readonly lanes: number;
}

/** What is written by everybody who needs timers in PostgreSQL. */
const FIRE = {
  name: 'bench_fire',
  text: `
    with due as (
      delete from bench_timer where id in (
        select id from bench_timer where due <= 1 order by due limit 1000 for update skip locked)
      returning id, customer_id, payload)
    insert into bench_outbox (id, customer_id, payload) select * from due`,
};

async function fireAll({ databaseUrl, timers, lanes }: Queue): Promise<Sample> {
  const pool = new PostgresPool({
    url: databaseUrl,
    applicationName: 'kairos-bench',
    max: lanes,
    log: () => undefined,
  });
  const begin = await measureWithServer(databaseUrl);
  const done = begin();
  const left = { name: 'bench_left', text: 'select from bench_timer limit 1' };
  const lane = async (): Promise<void> => {
    while ((await pool.run(left)).rows.length > 0) await pool.run(FIRE);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const sample = done(timers);
  await pool.end();
  return sample;
}

await beSide(async ({ warmUp, measured }: QueueJob) => {
  await fireAll(warmUp);
  return { sample: await fireAll(measured), result: null };
});
