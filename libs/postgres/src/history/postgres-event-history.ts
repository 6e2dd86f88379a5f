import {
  NOBODYS_ID,
  type ErasedInHistory,
  type EventHistory,
  type HistoryQuery,
  type HistoryRow,
  type RecordedEvent,
} from '#engine';
import { customerIdOf } from '#core';
import { boolArray, byteaArray, int8Array, textArray, uuidArray } from '../binary/binary-arrays.js';
import { DayPartitions, dayOf } from '../connect/day-partitions.js';
import type { PostgresPool, Session } from '../connect/postgres-pool.js';

/** Rows of one statement, so that a parameter stays small. */
const CHUNK = 2_000;
const PAGE = 2_000;

const PUT = {
  name: 'history_put',
  text: `
    insert into event_history (day, stream, partition, log_offset, append_time, event_time, customer_id, customer, type,
                               name, historical, value)
    select (to_timestamp(w.append_time / 1000.0) at time zone 'UTC')::date, $1, $2, w.*
      from unnest($3::int8[], $4::int8[], $5::int8[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::bool[],
                  $11::bytea[]) w (log_offset, append_time, event_time, customer_id, customer, type, name, historical, value)
     where not exists (select from erased_customer e
                        where e.customer_id = w.customer_id and least(w.append_time, w.event_time) <= e.until)
        on conflict do nothing`,
};

/** A recorder that was overtaken never moves the position back. */
const MOVE = {
  name: 'history_move',
  text: `
    insert into history_position (stream, partition, next_offset) values ($1, $2, $3)
        on conflict (stream, partition)
        do update set next_offset = greatest(history_position.next_offset, excluded.next_offset)`,
};

/** A copy of the record, or one that the engine has met before, finds her erased until then: it raises nothing. */
const NOTE_ERASED = {
  name: 'history_note_erased',
  text: `
    insert into erased_customer as e (customer_id, until)
    select w.customer_id, w.until from unnest($1::uuid[], $2::int8[], $3::int8[]) w (customer_id, at, until)
    on conflict (customer_id) do update set until = excluded.until
     where e.until < (select max(w.at) from unnest($1::uuid[], $2::int8[]) w (customer_id, at)
                       where w.customer_id = e.customer_id)`,
};

const FORGET_ERASED = {
  name: 'history_forget_erased',
  text: `
    delete from event_history h using erased_customer e
     where e.customer_id = any($1::uuid[]) and h.customer_id = e.customer_id
       and least(h.append_time, h.event_time) <= e.until`,
};

const CUSTOMERS_AFTER = {
  name: 'history_customers_after',
  text: `
    select d.customer_id,
           (select e.customer from event_history e
             where e.stream = $1 and e.partition = $2 and e.customer_id = d.customer_id limit 1) as customer
      from (select distinct customer_id from event_history
             where stream = $1 and partition = $2 and customer_id > $3 order by customer_id limit $4) d
     order by d.customer_id`,
};

const EVENTS_OF = {
  name: 'history_events_of',
  text: `
    select log_offset, append_time, event_time, customer_id, customer, type, name, historical, value from event_history
     where stream = $1 and partition = $2 and customer_id <= $3 and log_offset < $4
       and (customer_id, log_offset) > ($5, $6)
     order by customer_id, log_offset limit $7`,
};

interface EventRow {
  readonly log_offset: number;
  readonly append_time: number;
  readonly event_time: number;
  readonly customer_id: string;
  readonly customer: string;
  readonly type: string;
  readonly name: string | null;
  readonly historical: boolean;
  readonly value: Buffer;
}

interface Row {
  readonly partition: number;
  readonly log_offset: number;
  readonly append_time: number;
  readonly historical: boolean;
  readonly value: Buffer;
}

/** The history of one stream's events, in tables by day. */
export class PostgresEventHistory implements EventHistory {
  private readonly days = new DayPartitions();

  constructor(
    private readonly pool: PostgresPool,
    private readonly stream: string,
  ) {}

  async position(partition: number): Promise<number> {
    const { rows } = await this.pool.run<{ next_offset: number }>(
      { text: 'select next_offset from history_position where stream = $1 and partition = $2' },
      [this.stream, partition],
    );
    return rows[0]?.next_offset ?? 0;
  }

  async append(
    partition: number,
    rows: readonly HistoryRow[],
    nextOffset: number,
    erased: readonly ErasedInHistory[] = [],
  ): Promise<void> {
    await this.days.ensure(
      this.pool,
      'event_history',
      rows.map((row) => dayOf(row.appendTime)),
    );
    await this.pool.transaction(async (session) => {
      await forget(session, erased);
      for (let from = 0; from < rows.length; from += CHUNK)
        await session.run(PUT, this.parameters(partition, rows.slice(from, from + CHUNK)));
      await session.run(MOVE, [this.stream, partition, nextOffset]);
    });
  }

  async customersAfter(
    partition: number,
    after: string,
    limit: number,
  ): Promise<readonly { readonly customerId: string; readonly customer: string }[]> {
    const { rows } = await this.pool.run<{ customer_id: string; customer: string }>(CUSTOMERS_AFTER, [
      this.stream,
      partition,
      after,
      limit,
    ]);
    return rows.map((row) => ({ customerId: row.customer_id, customer: row.customer }));
  }

  async *eventsOf(
    partition: number,
    { first, last }: { readonly first: string; readonly last: string },
    before: number,
  ): AsyncIterable<HistoryRow> {
    let after: readonly [string, number] = [first, -1];
    for (;;) {
      const { rows } = await this.pool.run<EventRow>(EVENTS_OF, [this.stream, partition, last, before, ...after, PAGE]);
      yield* rows.map(toHistoryRow);
      if (rows.length < PAGE) return;
      const row = rows.at(-1)!;
      after = [row.customer_id, row.log_offset];
    }
  }

  async dropBefore(day: number): Promise<number> {
    const { rows } = await this.pool.run<{ dropped: number }>(
      { text: `select drop_days_before('event_history', date '1970-01-01' + $1::int) as dropped` },
      [day],
    );
    return rows[0]?.dropped ?? 0;
  }

  async *read({ customer, things, from, to }: HistoryQuery): AsyncIterable<RecordedEvent> {
    const customerId = customer === null ? null : customerIdOf(customer);
    let after: readonly [number, number, number] = [from ?? -1, -1, -1];
    for (;;) {
      const { rows } = await this.pool.run<Row>(
        {
          text: `select partition, log_offset, append_time, historical, value from event_history
                  where stream = $1 and (append_time, partition, log_offset) > ($2, $3, $4)
                    and ($5::int8 is null or append_time <= $5) and ($6::uuid is null or customer_id in ($6, '${NOBODYS_ID}')) and ($8 or customer_id <> '${NOBODYS_ID}')
                  order by append_time, partition, log_offset limit $7`,
        },
        [this.stream, ...after, to, customerId, PAGE, things],
      );
      for (const row of rows)
        yield {
          partition: row.partition,
          offset: row.log_offset,
          appendTime: row.append_time,
          historical: row.historical,
          value: row.value,
        };
      if (rows.length < PAGE) return;
      const last = rows.at(-1)!;
      after = [last.append_time, last.partition, last.log_offset];
    }
  }

  private parameters(partition: number, rows: readonly HistoryRow[]): (string | number | Buffer)[] {
    return [
      this.stream,
      partition,
      int8Array(rows.map((row) => row.offset)),
      int8Array(rows.map((row) => row.appendTime)),
      int8Array(rows.map((row) => row.eventTime)),
      uuidArray(rows.map((row) => row.customerId)),
      textArray(rows.map((row) => row.customer)),
      textArray(rows.map((row) => row.type)),
      textArray(rows.map((row) => row.name)),
      boolArray(rows.map((row) => row.historical)),
      byteaArray(rows.map((row) => row.value)),
    ];
  }
}

async function forget(session: Session, all: readonly ErasedInHistory[]): Promise<void> {
  // Two requests for one customer in one batch: the later one holds for both.
  const erased = [...new Map(all.map((one) => [one.customerId, one])).values()];
  if (erased.length === 0) return;
  const ids = uuidArray(erased.map(({ customerId }) => customerId));
  const [asked, until] = [erased.map(({ at }) => at), erased.map((one) => one.until)];
  await session.run(NOTE_ERASED, [ids, int8Array(asked), int8Array(until)]);
  await session.run(FORGET_ERASED, [ids]);
}

function toHistoryRow(row: EventRow): HistoryRow {
  return {
    offset: row.log_offset,
    appendTime: row.append_time,
    eventTime: row.event_time,
    customerId: row.customer_id,
    customer: row.customer,
    type: row.type,
    name: row.name,
    historical: row.historical,
    value: row.value,
  };
}
