import type { PostgresPool, Statement } from '../connect/postgres-pool.js';

const FIX: Statement = {
  text: `insert into stream_layout (stream, partitions) values ($1, $2) on conflict do nothing`,
};
const READ: Statement = { text: `select partitions from stream_layout where stream = $1` };

/**
 * The number of partitions of a stream, for ever: the first call decides, later ones are told. Where customers live
 * depends on it.
 */
export async function fixStreamLayout(pool: PostgresPool, stream: string, wished: number): Promise<number> {
  await pool.run(FIX, [stream, wished]);
  const { rows } = await pool.run<{ partitions: number }>(READ, [stream]);
  return rows[0]!.partitions;
}

/** As it was fixed; null where the stream was never set up. */
export async function readStreamLayout(pool: PostgresPool, stream: string): Promise<number | null> {
  const { rows } = await pool.run<{ partitions: number }>(READ, [stream]);
  return rows[0]?.partitions ?? null;
}
