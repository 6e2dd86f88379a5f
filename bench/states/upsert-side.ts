import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { byteaArray, int8Array, PostgresPool, uuidArray } from '#postgres';
import { measureWithServer } from '../measure/processor-time.js';
import { beSide, type Sample } from '../measure/side.js';
import type { WrittenRows } from './written-rows.js';

export interface UpsertJob {
  readonly warmUp: Rows;
  readonly measured: Rows;
}

interface Rows {
  readonly path: string;
  readonly databaseUrl: string;
  /** From which the rows came. */
  readonly events: number;
}

const UPSERT = {
  name: 'bench_upsert',
  text: `
    insert into customer_state (partition, customer_id, next_fire, state)
    select $1, w.* from unnest($2::uuid[], $3::int8[], $4::bytea[]) w
    on conflict (partition, customer_id) do update set next_fire = excluded.next_fire, state = excluded.state`,
};

/** The same rows, commit by commit, the partitions beside each other: no events, no rules, no fence. */
async function upsert({ path, databaseUrl, events }: Rows): Promise<Sample> {
  const commits = deserialize(readFileSync(path)) as WrittenRows[];
  const partitions = [...new Set(commits.map(({ partition }) => partition))];
  const pool = new PostgresPool({
    url: databaseUrl,
    applicationName: 'kairos-bench',
    max: partitions.length,
    log: () => undefined,
  });
  const begin = await measureWithServer(databaseUrl);
  const done = begin();
  const lane = async (ofPartition: number): Promise<void> => {
    for (const { partition, customerIds, nextFires, states } of commits.filter((c) => c.partition === ofPartition))
      await pool.run(UPSERT, [partition, uuidArray(customerIds), int8Array(nextFires), byteaArray(states)]);
  };
  await Promise.all(partitions.map(lane));
  const sample = done(events);
  await pool.end();
  return sample;
}

await beSide(async ({ warmUp, measured }: UpsertJob) => {
  await upsert(warmUp);
  return { sample: await upsert(measured), result: null };
});
