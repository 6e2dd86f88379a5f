import { Pool, type PoolConfig } from 'pg';
import type { AppendedAt, AppendRequest, Clock, EventStream, Log, OwnershipListener, StreamMembership } from '#engine';
import { AppendQueue } from '../append/append-queue.js';
import { placeRecords } from '../append/place-records.js';
import { EmbeddedAppender } from './embedded-appender.js';
import { checkEmbeddedStream, ensureEmbeddedStream } from './embedded-layout.js';
import { EmbeddedMembership } from './embedded-membership.js';
import { LogDays } from './log-days.js';
import { postgresError } from './postgres-error.js';

export interface EmbeddedEventStreamOptions {
  readonly name: string;
  /** Group of the owners. */
  readonly group: string;
  /** As Kairos was set up; a log with another count is refused. */
  readonly partitions: number;
  /** A database that has the tables of the migrations. */
  readonly connectionString: string;
  readonly clock: Clock;
  readonly log: Log;
  /** After this long without a heartbeat partitions go to others (at once when the process died). Default 10 s. */
  readonly sessionTimeoutMs?: number;
  /** Days of the log that are kept, and longer what the engine has not applied yet. Default 7. */
  readonly keepDays?: number;
}

const CONNECTIONS = 4;
const MAX_BYTES_OF_PARTITION = 4 * 1024 * 1024;
const MAX_RECORDS = 2_000;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const LINGER_MS = 2;

/** The event stream in PostgreSQL: what runs without Kafka. */
export class EmbeddedEventStream implements EventStream {
  readonly name: string;
  private readonly connection: PoolConfig;
  private readonly pool: Pool;
  private readonly days: LogDays;
  private readonly queue: AppendQueue;
  private readonly memberships = new Set<EmbeddedMembership>();
  private closing: Promise<void> | null = null;

  constructor(private readonly options: EmbeddedEventStreamOptions) {
    const { name, connectionString, log, keepDays = 7 } = options;
    this.name = name;
    // A process that is stopped inside a transaction must not hold its locks on the log for longer.
    this.connection = {
      connectionString,
      application_name: 'kairos-stream',
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 5_000,
      // For a server that does not answer at all any more.
      query_timeout: 35_000,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    };
    this.pool = new Pool({ ...this.connection, max: CONNECTIONS, pipeline: true });
    this.pool.on('error', (error) => log.warn('an idle connection to the database broke', { error: error.message }));
    this.days = new LogDays(this.pool, keepDays, log);
    const appender = new EmbeddedAppender(this.pool, name, this.days, () =>
      this.memberships.forEach((membership) => membership.appended()),
    );
    const limits = {
      lingerMs: LINGER_MS,
      maxRecords: MAX_RECORDS,
      maxBytesOfPartition: MAX_BYTES_OF_PARTITION,
      maxQueuedBytes: MAX_QUEUED_BYTES,
    };
    this.queue = new AppendQueue(appender.write, limits);
  }

  async partitionCount(): Promise<number> {
    await checkEmbeddedStream(this.pool, this.name, this.options.partitions);
    return this.options.partitions;
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendedAt[]> {
    return this.queue.append(placeRecords(requests, this.options.partitions));
  }

  async own(listener: OwnershipListener): Promise<StreamMembership> {
    const { name: stream, group, partitions, clock, log, sessionTimeoutMs = 10_000 } = this.options;
    const { pool, connection } = this;
    await this.partitionCount();
    await this.days
      .ensure()
      .catch((error: unknown) => Promise.reject(postgresError('the days of the log could not be made', error)));
    this.days.start();
    const membership = new EmbeddedMembership(
      { stream, group, partitions, pool, connection, clock, log, sessionTimeoutMs },
      listener,
    );
    this.memberships.add(membership);
    await membership.start();
    return membership;
  }

  /** Drops days of the log that are older than `keepDays`; runs by itself each hour where partitions are owned. */
  dropOldDays(): Promise<number> {
    return this.days.dropOld();
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeOnce());
  }

  private async closeOnce(): Promise<void> {
    await this.queue.close();
    this.days.stop();
    await Promise.all([...this.memberships].map((membership) => membership.leave()));
    await this.pool.end();
  }
}

/** See `ensureEmbeddedStream`: for `kairos migrate` and the standalone process. */
export async function ensureEmbeddedLog(connectionString: string, stream: string, partitions: number): Promise<number> {
  const pool = new Pool({ connectionString, max: 1 });
  try {
    return await ensureEmbeddedStream(pool, stream, partitions);
  } finally {
    await pool.end();
  }
}
