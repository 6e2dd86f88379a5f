import { customerIdOf } from '#core';
import type { Clock, InboxBook, InboxEntry, InboxMessage, InboxPage } from '#engine';
import { uuidArray } from '../binary/binary-arrays.js';
import { clockParameters, msOf, nowOfClock } from '../connect/clock-parameters.js';
import type { PostgresPool, Statement } from '../connect/postgres-pool.js';

const PUT: Statement = {
  name: 'inbox_put',
  text: `
    insert into inbox_message (customer_id, message_id, rule, template, category, title, text, at)
    values ($1, $2, $3, $4, $5, $6, $7, ${nowOfClock(8)}) on conflict do nothing`,
};
const PAGE: Statement = {
  name: 'inbox_page',
  text: `
    select message_id, category, title, text, ${msOf('at')} as at, ${msOf('read_at')} as read_at,
           extract(epoch from at)::numeric::text as exactly
      from inbox_message
     where customer_id = $1 and ($2::numeric is null or (at, message_id) < (to_timestamp($2::numeric::float8), $3::uuid))
     order by at desc, message_id desc limit $4`,
};
const UNREAD: Statement = {
  name: 'inbox_unread',
  text: `select count(*)::int as unread from inbox_message where customer_id = $1 and read_at is null`,
};
const UNREAD_OF: Statement = {
  name: 'inbox_unread_of',
  text: `
    select message_id from inbox_message
     where customer_id = $1 and read_at is null and ($2::uuid[] is null or message_id = any($2::uuid[]))
     order by message_id`,
};
/** Unread until now: two that read at once are one reader. */
const READ: Statement = {
  name: 'inbox_read',
  text: `
    update inbox_message set read_at = ${nowOfClock(3)}
     where customer_id = $1 and read_at is null and message_id = any($2::uuid[]) returning message_id`,
};

interface InboxRow {
  readonly message_id: string;
  readonly category: string;
  readonly title: string | null;
  readonly text: string;
  readonly at: number;
  readonly read_at: number | null;
  readonly exactly: string;
}

export interface InboxBookOptions {
  readonly clock: Clock;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The inbox of the shop, in its own table: read by customers, never on the way of delivery. */
export class PostgresInboxBook implements InboxBook {
  constructor(
    private readonly pool: PostgresPool,
    private readonly use: InboxBookOptions,
  ) {}

  async put({ id, customer, rule, template, category, title, text }: InboxMessage): Promise<void> {
    const row = [customerIdOf(customer), id, rule, template, category, withoutNul(title), withoutNul(text)];
    await this.pool.run(PUT, [...row, ...clockParameters(this.use.clock)]);
  }

  async page(customer: string, after: string | null, limit: number): Promise<InboxPage> {
    const customerId = customerIdOf(customer);
    const { at, id } = readCursor(after);
    const [found, counted] = await Promise.all([
      this.pool.run<InboxRow>(PAGE, [customerId, at, id, limit + 1]),
      this.pool.run<{ unread: number }>(UNREAD, [customerId]),
    ]);
    const rows = found.rows.slice(0, limit);
    const last = rows.at(-1);
    return {
      entries: rows.map(toEntry),
      unread: counted.rows[0]?.unread ?? 0,
      next: last === undefined || found.rows.length <= limit ? null : `${last.exactly}_${last.message_id}`,
    };
  }

  async unread(customer: string, ids: readonly string[] | null): Promise<readonly string[]> {
    const known = ids === null ? null : uuidArray(ids.filter((id) => UUID.test(id)));
    const { rows } = await this.pool.run<{ message_id: string }>(UNREAD_OF, [customerIdOf(customer), known]);
    return rows.map((row) => row.message_id);
  }

  async markRead(customer: string, ids: readonly string[]): Promise<readonly string[]> {
    const known = ids.filter((id) => UUID.test(id));
    if (known.length === 0) return [];
    const { rows } = await this.pool.run<{ message_id: string }>(READ, [
      customerIdOf(customer),
      uuidArray(known),
      ...clockParameters(this.use.clock),
    ]);
    return rows.map((row) => row.message_id).sort();
  }
}

function toEntry({ message_id: id, category, title, text, at, read_at: readAt }: InboxRow): InboxEntry {
  return { id, category, title, text, at, readAt };
}

function readCursor(after: string | null): { readonly at: string | null; readonly id: string | null } {
  const [at = '', id = ''] = after?.split('_') ?? [];
  return /^\d{1,12}(?:\.\d{1,6})?$/.test(at) && UUID.test(id) ? { at, id } : { at: null, id: null };
}

/** PostgreSQL's texts cannot hold it. */
function withoutNul<T extends string | null>(text: T): T {
  return (text?.replaceAll('\0', '\ufffd') ?? null) as T;
}
