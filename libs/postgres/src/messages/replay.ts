import { partitionFor } from '#core';
import { int2Array, uuidArray } from '../binary/binary-arrays.js';
import { type DayPartitions, dayOfMessage } from '../connect/day-partitions.js';
import type { PostgresPool, Statement } from '../connect/postgres-pool.js';
import { decodePlan, shardOf } from './message-row.js';

const READ: Statement = {
  name: 'ledger_replay_read',
  text: `
    select m.message_id, m.customer_id, m.plan
      from unnest($1::uuid[]) w (id) join message m on m.day = message_day(w.id) and m.message_id = w.id
     where m.outcome in ('failed', 'unknown') and m.plan is not null`,
};

/**
 * Back into the queue, due now. Where it left already (a fallback that failed) it does not leave again; that it is late is
 * not asked a second time, everything else is. The round says what it was and who wanted it tried again.
 */
const REPLAY: Statement = {
  name: 'ledger_replay',
  text: `
    with w as (select * from unnest($3::uuid[], $4::int2[], $5::int2[]) w (id, shard, partition)),
    d as (delete from message m using w
           where m.day = message_day(w.id) and m.message_id = w.id and m.outcome in ('failed', 'unknown') and m.plan is not null
          returning m.*, w.shard, w.partition),
    round as (insert into message_outcome (day, message_id, kind, at, reason, detail)
              select day, message_id, 'replayed', to_timestamp($1::float8 / 1000), coalesce(reason, outcome), convert_to($2, 'UTF8')
                from d)
    insert into message_open (message_id, shard, partition, customer_id, customer, rule, version, step, run, run_key, template,
                              category, channel, priority, planned_at, not_before, state, attempt, first_judged_at, detail,
                              plan, decision, sent_on, sent_at)
    select d.message_id, shard, partition, customer_id, customer, rule, version, step, run, run_key, template, category, channel,
           priority, planned_at, to_timestamp($1::float8 / 1000), 0, attempt, d.at, d.detail, plan, decision, s.channels, s.at
      from d left join lateral (
        select array_agg(o.reason order by o.at) as channels, max(o.at) as at from message_outcome o
         where o.day = d.day and o.message_id = d.message_id and o.kind = 'sent') s on true
    returning message_id`,
};

export interface ReplayRequest {
  readonly messageIds: readonly string[];
  /** ms of the clock port. */
  readonly now: number;
  /** Who wants it, for the record. */
  readonly by: string;
  readonly partitions: number;
}

/** Answers with the ids that are open again; others had not failed, or are gone. */
export async function replayMessages(
  pool: PostgresPool,
  days: DayPartitions,
  { messageIds, now, by, partitions }: ReplayRequest,
): Promise<readonly string[]> {
  const found = await pool.run<{ message_id: string; customer_id: string; plan: Buffer }>(READ, [
    uuidArray(messageIds),
  ]);
  if (found.rows.length === 0) return [];
  const ids = found.rows.map((row) => row.message_id);
  await days.ensure(pool, 'message_outcome', ids.map(dayOfMessage));
  const homes = found.rows.map(({ plan }) => partitionFor(decodePlan(plan).customer, partitions));
  const shards = found.rows.map((row) => shardOf(row.customer_id));
  const parameters = [now, by, uuidArray(ids), int2Array(shards), int2Array(homes)];
  const replayed = await pool.run<{ message_id: string }>(REPLAY, parameters);
  return replayed.rows.map((row) => row.message_id);
}
