import type { Pool } from 'pg';
import type { Log } from '#engine';
import { postgresError } from './postgres-error.js';
import { transaction } from './transaction.js';

/** No engine is this far behind on purpose, and one that was just started gets the time to catch up. */
const FIRST_LOOK_MS = 10 * 60_000;
const LOOK_MS = 60 * 60_000;

/**
 * Makes the days of the log before they are written to and drops old ones. Days are of the database's clock, in UTC.
 * A day that holds records which the engine has not applied yet is never dropped.
 */
export class LogDays {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly keepDays: number,
    private readonly log: Log,
  ) {}

  start(): void {
    this.timer ??= setTimeout(() => void this.look(), FIRST_LOOK_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Today and tomorrow, or the day of the latest record where the clock was set back since: append time never goes back. */
  async ensure(): Promise<void> {
    await this.pool.query(
      `select ensure_days('log', array[day, day + 1]) from (
         select (greatest(to_timestamp(max(last_time) / 1000.0), clock_timestamp()) at time zone 'utc')::date as day from log_partition) d`,
    );
  }

  /** Returns how many days were dropped. Throws `StoreError`. */
  async dropOld(): Promise<number> {
    try {
      const { rows } = await this.pool.query<{ first_kept: string }>(FIRST_KEPT, [this.keepDays]);
      const firstKept = rows[0]!.first_kept;
      await this.raiseStarts(firstKept);
      // Not in the same transaction: an appender holds its lock on the table while it waits for a partition's row.
      const dropped = await this.pool.query<{ dropped: number }>(`select drop_days_before('log', $1::date) dropped`, [
        firstKept,
      ]);
      return dropped.rows[0]!.dropped;
    } catch (error) {
      throw postgresError('old days of the log could not be dropped', error);
    }
  }

  private async look(): Promise<void> {
    try {
      await this.ensure();
      const dropped = await this.dropOld();
      if (dropped > 0) this.log.info('old days of the log were dropped', { days: dropped });
    } catch (error) {
      this.log.warn('the days of the log were not looked after, they will be', { error: String(error) });
    }
    this.timer = setTimeout(() => void this.look(), LOOK_MS).unref();
  }

  /** The locks come first: a position read before them could be one that an appender is just moving. */
  private async raiseStarts(firstKept: string): Promise<void> {
    await transaction(this.pool, async (client) => {
      await client.query('select from log_partition order by stream, partition for update');
      await client.query(RAISE_STARTS, [firstKept]);
    });
  }
}

const FIRST_KEPT = `
select least((clock_timestamp() at time zone 'utc')::date - $1::int,
             (select min(l.day) from stream_partition s join log l using (stream, partition) where l.log_offset = s.next_offset))::text first_kept`;

const RAISE_STARTS = `
update log_partition p set start_offset = greatest(start_offset, coalesce(
         (select l.log_offset from log l where l.stream = p.stream and l.partition = p.partition and l.day >= $1::date
           order by l.log_offset limit 1), next_offset))
 where exists (select from log l where l.stream = p.stream and l.partition = p.partition and l.day < $1::date)`;
