import type { Pool } from 'pg';
import { LogTruncatedError, type Clock, type Log, type StreamHeaders, type StreamRecord } from '#engine';
import type { QueuedFeed } from '../feed/queued-feed.js';
import { postgresError } from './postgres-error.js';

const POLL_MS = 1_000;
/** Of one portion: with the largest records that the collector takes, 8 MB. */
const MAX_RECORDS = 250;
const OVERHEAD_BYTES = 100;

interface Head {
  readonly partition: number;
  readonly start: number;
  readonly next: number;
}

interface Row {
  readonly log_offset: string;
  readonly append_time: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: StreamHeaders | null;
}

/** The bound on the day lets PostgreSQL leave older days alone: append time, and so the day, never goes back. */
const READ = `
select log_offset, append_time, key, value, headers from log
 where stream = $1 and partition = $2 and log_offset >= $3 and log_offset < $4
   and day >= (to_timestamp($5 / 1000.0) at time zone 'utc')::date
 order by log_offset limit $6`;

/**
 * Brings the log's records to the feeds of this process, whenever something may have been appended and at least once a
 * second. Offsets of the embedded log have no gaps: where one is missing, records were lost.
 */
export class LogReader {
  private readonly times = new WeakMap<QueuedFeed, number>();
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | null = null;
  private again = false;
  private closed = false;

  constructor(
    private readonly pool: Pool,
    private readonly stream: string,
    private readonly feeds: () => Iterable<QueuedFeed>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** There may be something to read. */
  wake(): void {
    this.again = true;
    if (this.reading !== null || this.closed) return;
    clearTimeout(this.timer);
    this.reading = this.read().finally(() => {
      this.reading = null;
      if (!this.closed) this.timer = setTimeout(() => this.wake(), this.again ? 0 : POLL_MS);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.reading;
  }

  /** Throws `LogTruncatedError` unless the partition holds this offset, or ends with it. Returns where it ends. */
  async checkHolds(partition: number, offset: number): Promise<number> {
    const head = (await this.heads([partition]))[0];
    if (head === undefined || offset < head.start || offset > head.next) {
      throw new LogTruncatedError(this.stream, partition, offset, head?.start ?? 0);
    }
    return head.next;
  }

  private async read(): Promise<void> {
    try {
      while (this.again && !this.closed) {
        this.again = false;
        const wanting = [...this.feeds()].filter((feed) => feed.wantsMore);
        if (wanting.length === 0) return;
        const heads = new Map(
          (await this.heads(wanting.map(({ partition }) => partition))).map((head) => [head.partition, head]),
        );
        for (const feed of wanting) await this.readInto(feed, heads.get(feed.partition));
      }
    } catch (error) {
      this.log.warn('the log could not be read, it will be tried again', { error: String(error) });
    }
  }

  /** One portion, so that no partition waits for a long one; what is left is read in the next round. */
  private async readInto(feed: QueuedFeed, head: Head | undefined): Promise<void> {
    const from = feed.expected;
    if (from === null || head === undefined) return;
    feed.logEnd = Math.max(feed.logEnd ?? 0, head.next);
    if (from === head.next) return;
    if (from < head.start) return feed.fail(new LogTruncatedError(this.stream, feed.partition, from, head.start));
    const { rows } = await this.pool.query<Row>({
      name: 'kairos-read-log',
      text: READ,
      values: [this.stream, feed.partition, from, head.next, this.times.get(feed) ?? 0, MAX_RECORDS],
    });
    // A seek or the loss of the partition came in between.
    if (feed.expected !== from) return;
    const present = rows.findIndex((row, k) => Number(row.log_offset) !== from + k);
    const unbroken = present === -1 ? rows : rows.slice(0, present);
    if (unbroken.length > 0) this.push(feed, from, unbroken);
    const reached = from + unbroken.length;
    if (present !== -1 || rows.length === 0)
      feed.fail(
        new LogTruncatedError(this.stream, feed.partition, reached, Number(rows[present]?.log_offset ?? head.next)),
      );
    else if (reached < head.next) this.again = true;
  }

  private push(feed: QueuedFeed, from: number, rows: readonly Row[]): void {
    let bytes = 0;
    const records = rows.map(({ log_offset, append_time, key, value, headers }): StreamRecord => {
      bytes += OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
      return { offset: Number(log_offset), appendTime: this.clock.at(Number(append_time)), key, value, headers };
    });
    this.times.set(feed, Number(rows[rows.length - 1]!.append_time));
    feed.push({ records, nextOffset: from + rows.length }, bytes);
  }

  private async heads(partitions: readonly number[]): Promise<Head[]> {
    try {
      const { rows } = await this.pool.query<{ partition: number; start_offset: string; next_offset: string }>({
        name: 'kairos-log-heads',
        text: `select partition, start_offset, next_offset from log_partition where stream = $1 and partition = any ($2)`,
        values: [this.stream, partitions],
      });
      return rows.map(({ partition, start_offset, next_offset }) => ({
        partition,
        start: Number(start_offset),
        next: Number(next_offset),
      }));
    } catch (error) {
      throw postgresError(`the log of ${this.stream} could not be asked`, error);
    }
  }

  /** A seek may go back in time. */
  forget(feed: QueuedFeed): void {
    this.times.delete(feed);
  }
}
