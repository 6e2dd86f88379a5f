import { TOMBSTONE_MS } from '#core';
import type { Log } from '#engine';
import type { PostgresPool } from '../connect/postgres-pool.js';

const FIRST_LOOK_MS = 5 * 60_000;
const LOOK_MS = 60 * 60_000;
/** Rows of one delete: nobody waits for long, and little is written at once. */
const CHUNK = 5_000;

export interface OldMessagesOptions {
  /** Days for which messages, what became of them, and what lies in inboxes are kept. */
  readonly messageDays: number;
  /** Days for which is kept what runs did. */
  readonly traceDays: number;
}

/** What was taken away: days of tables that are partitioned by day, rows of the others. */
export interface Dropped {
  readonly message: number;
  readonly message_outcome: number;
  readonly run_trace: number;
  readonly inbox_message: number;
  readonly contact_feedback: number;
  readonly erased_customer: number;
}

/**
 * Takes away what is older than it is to be kept, by the database's clock and in UTC. A day on which a message was due that
 * is still open stays, with its rounds: its end is written there.
 */
export class OldMessages {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: PostgresPool,
    private readonly keep: OldMessagesOptions,
    private readonly log: Log,
  ) {}

  /** Looks soon, and every hour from then on; several processes may. */
  start(): void {
    this.timer ??= setTimeout(() => void this.look(), FIRST_LOOK_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Throws StoreError, also where others hold the tables for too long: then the next look has more to do. */
  async drop(): Promise<Dropped> {
    const { messageDays, traceDays } = this.keep;
    return {
      message: await this.dropDays('message', messageDays),
      message_outcome: await this.dropDays('message_outcome', messageDays),
      run_trace: await this.dropDays('run_trace', traceDays),
      inbox_message: await this.deleteRows('inbox_message'),
      contact_feedback: await this.deleteRows('contact_feedback'),
      erased_customer: (await this.pool.run(FORGET_ERASED, [TOMBSTONE_MS])).count,
    };
  }

  private async look(): Promise<void> {
    try {
      const dropped = await this.drop();
      if (Object.values(dropped).some((count) => count > 0))
        this.log.info('old messages were taken away', { ...dropped });
    } catch (error) {
      this.log.warn('old messages were not taken away, they will be', { error: String(error) });
    }
    this.timer = setTimeout(() => void this.look(), LOOK_MS).unref();
  }

  /** Dropping a day asks for its table alone: whoever waits for that keeps all others waiting. */
  private async dropDays(table: 'message' | 'message_outcome' | 'run_trace', days: number): Promise<number> {
    return this.pool.transaction(async (session) => {
      await session.run({ name: 'old_wait_briefly', text: `set local lock_timeout = '2s'` });
      const { rows } = await session.run<{ dropped: number }>(DROP_DAYS, [table, days]);
      return rows[0]!.dropped;
    });
  }

  private async deleteRows(table: 'inbox_message' | 'contact_feedback'): Promise<number> {
    const statement = { name: `old_${table}`, text: DELETE_ROWS(table) };
    let deleted = 0;
    for (;;) {
      const { rows } = await this.pool.run<{ n: number }>(statement, [this.keep.messageDays, CHUNK]);
      deleted += rows[0]!.n;
      if (rows[0]!.n < CHUNK) return deleted;
    }
  }
}

/** With the last of a customer who was erased, where nothing has happened under her id since. */
const FORGET_ERASED = {
  name: 'old_forget_erased',
  text: `
    with old as (
      delete from erased_customer where until < extract(epoch from statement_timestamp()) * 1000 - $1::int8
      returning customer_id),
    emptied as (
      delete from contact c using old
       where c.customer_id = old.customer_id and c.consents is null and c.preferences is null and c.addresses is null
         and c.engagement is null and c.slots = '' and c.erased_at is null)
    select from old`,
};

/** `least` passes over null: where nothing is open. */
const DROP_DAYS = {
  name: 'old_drop_days',
  text: `
    select drop_days_before($1, least((clock_timestamp() at time zone 'utc')::date - $2::int,
             case when $1 <> 'run_trace' then (select min(message_day(message_id)) from message_open) end)) as dropped`,
};

/** Of the statement, not `clock_timestamp()`: no index is asked for what changes from row to row. */
const DELETE_ROWS = (table: string): string => `
    with gone as (
      delete from ${table} where ctid = any(array(
        select ctid from ${table} where at < statement_timestamp() - $1::int * interval '1 day' limit $2))
      returning 1)
    select count(*)::int as n from gone`;
