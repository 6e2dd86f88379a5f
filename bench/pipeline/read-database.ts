import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Found } from './expected.js';

const COUNTS = `
  select (select count(*) from run_trace where kind = 'started')::int as started,
         (select count(*) from run_trace where kind = 'ended' and convert_from(entry, 'UTF8')::json->>'outcome' = 'stopped')::int as stopped,
         (select count(*) from message_cancel)::int as cancelled,
         (select count(*) from customer_state where next_fire is not null)::int as waiting`;
const MESSAGES = `select customer, round(extract(epoch from planned_at) * 1000)::text as planned_at from message_open`;

/** What the engine left in this database. */
export async function readDatabase(url: string): Promise<Found> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const counts = (await client.query<Omit<Found, 'planned' | 'messages'>>(COUNTS)).rows[0]!;
    const { rows } = await client.query<{ customer: string; planned_at: string }>(MESSAGES);
    const lines = rows.map(({ customer, planned_at }) => `${customer} ${planned_at}`).sort();
    const { started, stopped, cancelled, waiting } = counts;
    return {
      started,
      stopped,
      planned: rows.length,
      cancelled,
      waiting,
      messages: createHash('sha256').update(lines.join('\n')).digest('hex'),
    };
  } finally {
    await client.end();
  }
}
