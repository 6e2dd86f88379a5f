import type {
  CommitOutcome,
  JobTask,
  PartitionCommit,
  PartitionJob,
  PartitionPosition,
  PartitionStore,
  PendingOutboxRecord,
} from '#engine';
import { StoreError } from '#engine';
import { int2Array, int8Array, uuidArray } from '../binary/binary-arrays.js';
import { DayPartitions, dayOf } from '../connect/day-partitions.js';
import type { PostgresPool } from '../connect/postgres-pool.js';
import { sqlStateOf, surelyRolledBack } from '../connect/store-error.js';
import { commitStatements } from './commit-statements.js';
import {
  CUSTOMERS_AFTER,
  ENSURE_PARTITION,
  FENCE_LOST,
  HEARD_ITEMS,
  LOAD_STATES,
  LOAD_TIMERS,
  OPEN_JOBS,
  PARTITIONS_WITH_OUTBOX,
  PENDING_OUTBOX,
  READ_POSITION,
  TAKE_OVER,
  WATCHERS,
} from './partition-statements.js';

const TIMERS_PAGE = 20_000;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

interface PositionRow {
  readonly epoch: number;
  readonly seq: number;
  readonly next_offset: number;
  readonly log_time: number;
  readonly fired_through: number;
  readonly ruleset: number;
}

interface OutboxRow {
  readonly seq: number;
  readonly n: number;
  readonly record_id: string;
  readonly target_key: Buffer | null;
  readonly target_partition: number | null;
  readonly value: Buffer;
  readonly headers: { readonly [name: string]: string };
  readonly hops: number;
}

interface JobRow {
  readonly log_offset: number;
  readonly log_time: number;
  readonly cursor: string;
  readonly task: JobTask;
}

/** Partitions of one stream in PostgreSQL (engine.md, The fence). */
export class PostgresPartitionStore implements PartitionStore {
  private readonly days = new DayPartitions();

  constructor(
    private readonly pool: PostgresPool,
    private readonly stream: string,
  ) {}

  async takeOver(partition: number, owner: string): Promise<PartitionPosition> {
    const taken = await this.raiseEpoch(partition, owner);
    if (taken) return toPosition(taken);
    // Only now: an insert beside an existing row would wait for the same transaction, without the limit.
    await this.pool.run(ENSURE_PARTITION, [this.stream, partition]);
    return toPosition((await this.raiseEpoch(partition, owner))!);
  }

  async loadTimers(partition: number, visit: (customerId: string, nextFire: number) => void): Promise<void> {
    for (let after = LOWEST_ID; ;) {
      const page = await this.pool.run<{ customer_id: string; next_fire: number }>(LOAD_TIMERS, [
        partition,
        after,
        TIMERS_PAGE,
      ]);
      for (const row of page.rows) visit(row.customer_id, row.next_fire);
      if (page.rows.length < TIMERS_PAGE) return;
      after = page.rows.at(-1)!.customer_id;
    }
  }

  async loadStates(partition: number, customerIds: readonly string[]): Promise<Map<string, Uint8Array>> {
    if (customerIds.length === 0) return new Map();
    const found = await this.pool.run<{ customer_id: string; state: Buffer }>(LOAD_STATES, [
      partition,
      uuidArray(customerIds),
    ]);
    return new Map(found.rows.map((row) => [row.customer_id, row.state]));
  }

  async commit(partition: number, commit: PartitionCommit): Promise<CommitOutcome> {
    if (commit.traces.length > 0) await this.days.ensure(this.pool, 'run_trace', [dayOf(commit.logTime)]);
    try {
      await this.pool.transactionAtOnce(commitStatements(this.stream, partition, commit));
      return { kind: 'committed', position: positionAfter(commit) };
    } catch (error) {
      if (sqlStateOf(error) === FENCE_LOST) return this.compare(partition, commit, null);
      if (surelyRolledBack(error) || !(error instanceof StoreError)) throw error;
      return this.compare(partition, commit, error);
    }
  }

  async partitionsWithOutbox(partitions: readonly number[]): Promise<readonly number[]> {
    if (partitions.length === 0) return [];
    const found = await this.pool.run<{ partition: number }>(PARTITIONS_WITH_OUTBOX, [
      this.stream,
      int2Array(partitions),
    ]);
    return found.rows.map((row) => row.partition);
  }

  async pendingOutbox(partition: number, limit: number): Promise<readonly PendingOutboxRecord[]> {
    const found = await this.pool.run<OutboxRow>(PENDING_OUTBOX, [this.stream, partition, limit]);
    return found.rows.map(toOutboxRecord);
  }

  async heardItems(partition: number, limit: number): Promise<readonly string[]> {
    const { rows } = await this.pool.run<{ event_id: string }>(HEARD_ITEMS, [this.stream, partition, limit]);
    return rows.map(({ event_id }) => event_id).reverse();
  }

  async openJobs(partition: number): Promise<readonly PartitionJob[]> {
    const { rows } = await this.pool.run<JobRow>(OPEN_JOBS, [this.stream, partition]);
    return rows.map(({ log_offset, log_time, cursor, task }) => ({
      offset: log_offset,
      logTime: log_time,
      cursor,
      task,
    }));
  }

  async watchers(
    partition: number,
    things: readonly number[],
    after: string,
    limit: number,
  ): Promise<ReadonlyMap<number, readonly string[]>> {
    const unique = [...new Set(things)];
    const { rows } = await this.pool.run<{ thing: number; customer_id: string }>(WATCHERS, [
      partition,
      int8Array(unique),
      after,
      limit,
    ]);
    const found = new Map<number, string[]>(unique.map((thing) => [thing, []]));
    for (const row of rows) found.get(row.thing)!.push(row.customer_id);
    return found;
  }

  async customersAfter(partition: number, after: string, limit: number): Promise<readonly string[]> {
    const { rows } = await this.pool.run<{ customer_id: string }>(CUSTOMERS_AFTER, [partition, after, limit]);
    return rows.map((row) => row.customer_id);
  }

  private async raiseEpoch(partition: number, owner: string): Promise<PositionRow | undefined> {
    // An old owner that hangs in its transaction is cut by the server after 5 s: waiting longer than 10 s is pointless.
    const [, taken] = await this.pool.transactionAtOnce([
      [{ text: `set local lock_timeout = '10s'` }, []],
      [TAKE_OVER, [this.stream, partition, owner]],
    ]);
    return taken!.rows[0] as PositionRow | undefined;
  }

  /**
   * What became of this commit. The row shows exactly what it would have written: it is ours, only its reply was lost.
   * The row shows what we came from: it surely was rolled back, and asking again may work (`unknown` is thrown).
   * Anything else was written by another owner.
   */
  private async compare(
    partition: number,
    commit: PartitionCommit,
    unknown: StoreError | null,
  ): Promise<CommitOutcome> {
    const { rows } = await this.pool.run<PositionRow>(READ_POSITION, [this.stream, partition]);
    const actual = rows[0] ? toPosition(rows[0]) : null;
    const expected = positionAfter(commit);
    if (actual && samePosition(actual, expected)) return { kind: 'committed', position: expected };
    if (unknown && actual && actual.epoch === commit.from.epoch && actual.seq === commit.from.seq) throw unknown;
    return { kind: 'lost' };
  }
}

function positionAfter({ from, nextOffset, logTime, firedThrough, ruleset }: PartitionCommit): PartitionPosition {
  return { epoch: from.epoch, seq: from.seq + 1, nextOffset, logTime, firedThrough, ruleset };
}

function samePosition(a: PartitionPosition, b: PartitionPosition): boolean {
  return (
    a.epoch === b.epoch &&
    a.seq === b.seq &&
    a.nextOffset === b.nextOffset &&
    a.logTime === b.logTime &&
    a.firedThrough === b.firedThrough &&
    a.ruleset === b.ruleset
  );
}

function toPosition(row: PositionRow): PartitionPosition {
  return {
    epoch: row.epoch,
    seq: row.seq,
    nextOffset: row.next_offset,
    logTime: row.log_time,
    firedThrough: row.fired_through,
    ruleset: row.ruleset,
  };
}

function toOutboxRecord(row: OutboxRow): PendingOutboxRecord {
  return {
    seq: row.seq,
    n: row.n,
    recordId: row.record_id,
    target: row.target_key === null ? { partition: row.target_partition! } : { key: row.target_key.toString('utf8') },
    value: row.value,
    headers: row.headers,
    hops: row.hops,
  };
}
