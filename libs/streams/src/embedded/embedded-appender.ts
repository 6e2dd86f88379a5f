import type { Pool, PoolClient } from 'pg';
import { StoreError } from '#engine';
import type { PlacedRecord } from '../append/place-records.js';
import { byteaArray } from './bytea-array.js';
import type { LogDays } from './log-days.js';
import { postgresError } from './postgres-error.js';
import { withClient } from './transaction.js';

const NO_PARTITION_FOR_DAY = '23514';

/**
 * The lock on the partition's row is held until the commit, so offsets are gap-free in the order in which they become
 * visible, and time is the clock after the wait for the lock, never before that of an earlier record. A sequence would
 * show higher offsets first, `now()` would let time run backwards.
 */
const APPEND = `
with u as (
  update log_partition
     set next_offset = next_offset + $3,
         last_time = greatest(last_time, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)
   where stream = $1 and partition = $2
  returning next_offset - $3 first, last_time
), written as (
  insert into log (day, stream, partition, log_offset, append_time, key, value, headers)
  select (to_timestamp(u.last_time / 1000.0) at time zone 'utc')::date, $1, $2, u.first + r.n - 1, u.last_time, r.key, r.value, r.headers::jsonb
    from u, unnest($4::bytea[], $5::bytea[], $6::text[]) with ordinality r(key, value, headers, n)
)
select first from u`;

/** Writes one group of records in one transaction. */
export class EmbeddedAppender {
  constructor(
    private readonly pool: Pool,
    private readonly stream: string,
    private readonly days: LogDays,
    private readonly wrote: () => void,
  ) {}

  readonly write = async (records: readonly PlacedRecord[]): Promise<readonly number[]> => {
    try {
      const offsets = await this.transaction(records).catch(async (error: unknown) => {
        if ((error as { code?: string }).code !== NO_PARTITION_FOR_DAY) throw error;
        await this.days.ensure();
        return this.transaction(records);
      });
      this.wrote();
      return offsets;
    } catch (error) {
      throw postgresError(`records could not be appended to ${this.stream}`, error);
    }
  };

  /**
   * All statements go out at once. Ascending partitions: two appenders that need the same rows wait for each other in
   * the same order. What becomes of the transaction when the connection breaks is unknown to the caller.
   */
  private async transaction(records: readonly PlacedRecord[]): Promise<readonly number[]> {
    const indexes = indexByPartition(records);
    const partitions = [...indexes.keys()].sort((a, b) => a - b);
    const firsts = await withClient(this.pool, async (client) => {
      const [, ...appended] = await Promise.all([
        client.query('begin').then(() => 0),
        ...partitions.map((partition) =>
          this.appendTo(
            client,
            partition,
            indexes.get(partition)!.map((k) => records[k]!),
          ),
        ),
        // Without payload, so that PostgreSQL folds many into one; only a hint, readers look each second anyway.
        client.query('notify kairos_log').then(() => 0),
        client.query('commit').then(() => 0),
      ]);
      return appended;
    });
    const offsets = new Array<number>(records.length);
    partitions.forEach((partition, p) => indexes.get(partition)!.forEach((k, n) => (offsets[k] = firsts[p]! + n)));
    return offsets;
  }

  private async appendTo(client: PoolClient, partition: number, records: readonly PlacedRecord[]): Promise<number> {
    const { rows } = await client.query<{ first: string }>({
      name: 'kairos-append',
      text: APPEND,
      values: [
        this.stream,
        partition,
        records.length,
        byteaArray(records.map(({ key }) => key)),
        byteaArray(records.map(({ value }) => value)),
        records.map(({ headers }) => (headers === null ? null : JSON.stringify(headers))),
      ],
    });
    if (rows.length === 0)
      throw new StoreError(
        `the stream ${this.stream} has no partition ${partition} in the database: kairos migrate`,
        'no_such_partition',
        false,
      );
    return Number(rows[0]!.first);
  }
}

function indexByPartition(records: readonly PlacedRecord[]): Map<number, number[]> {
  const indexes = new Map<number, number[]>();
  records.forEach(({ partition }, k) => {
    const mine = indexes.get(partition);
    if (mine === undefined) indexes.set(partition, [k]);
    else mine.push(k);
  });
  return indexes;
}
