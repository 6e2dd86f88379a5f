import type { Pool } from 'pg';
import { StreamLayoutError } from '#engine';
import { postgresError } from './postgres-error.js';

/**
 * Writes down a stream and its partitions where they are missing, and returns how many partitions it has: those it was
 * created with, whatever is wanted now. The tables are those of the migrations.
 */
export async function ensureEmbeddedStream(pool: Pool, stream: string, partitions: number): Promise<number> {
  try {
    const { rows } = await pool.query<{ partitions: number }>(
      `with made as (insert into stream_layout (stream, partitions) values ($1, $2) on conflict do nothing returning partitions)
       select partitions from made union all select partitions from stream_layout where stream = $1`,
      [stream, partitions],
    );
    // Without rows another process made it in this moment: the next statement sees it.
    const count = rows[0]?.partitions ?? (await layoutOf(pool, stream))!;
    await pool.query(
      `insert into log_partition (stream, partition) select $1, p from generate_series(0, $2::int - 1) p on conflict do nothing`,
      [stream, count],
    );
    return count;
  } catch (error) {
    throw postgresError(`the stream ${stream} could not be set up`, error);
  }
}

/** Throws `StreamLayoutError` unless the stream has this many partitions. */
export async function checkEmbeddedStream(pool: Pool, stream: string, partitions: number): Promise<void> {
  try {
    const count = await layoutOf(pool, stream);
    if (count === null)
      throw new StreamLayoutError(
        `the stream ${stream} does not exist in the database. Create it with: kairos migrate`,
      );
    if (count !== partitions) {
      throw new StreamLayoutError(
        `the stream ${stream} has ${count} partitions, but Kairos was set up with ${partitions}: customers would change their partition. ` +
          `Mend it with: KAIROS_PARTITIONS=${count} (or leave it unset), or start with an empty database`,
      );
    }
  } catch (error) {
    throw postgresError(`the stream ${stream} could not be looked at`, error);
  }
}

/** Both tables have to agree: a log with another count than its layout was tampered with. */
async function layoutOf(pool: Pool, stream: string): Promise<number | null> {
  const { rows } = await pool.query<{ partitions: number; logs: number }>(
    `select partitions, (select count(*)::int from log_partition p where p.stream = l.stream) logs from stream_layout l where stream = $1`,
    [stream],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return row.logs === 0 || row.logs === row.partitions ? row.partitions : row.logs;
}
