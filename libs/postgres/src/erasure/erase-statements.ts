import { byteaArray, uuidArray } from '../binary/binary-arrays.js';
import type { PreparedCall, Statement } from '../connect/postgres-pool.js';

/** In `message`, of whoever was erased. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

const ENSURE_DAYS: Statement = {
  name: 'erase_ensure_days',
  text: `
    select ensure_days('message', array(
      select distinct message_day(message_id) from message_open
       where customer_id = any($1::uuid[]) and (state = 2 or sent_at is not null)))`,
};

/**
 * What has not left never does. What was permitted is leaving now, and nobody will know how it ended; what has left and
 * waited for its fallback was sent. Whoever is sending one finds no row to close.
 */
const END_OPEN: Statement = {
  name: 'erase_end_open',
  text: `
    with d as (delete from message_open where customer_id = any($1::uuid[]) returning *),
    withdrawn as (delete from message_cancel c using d where c.message_id = d.message_id),
    rounds as (update message_outcome o set detail = null from d
                where o.day = message_day(d.message_id) and o.message_id = d.message_id and o.detail is not null)
    insert into message (day, message_id, customer_id, customer, rule, version, step, run, template, category, channel,
                         priority, planned_at, permitted_at, at, outcome, reason, attempt)
    select message_day(message_id), message_id, '${NOBODY}', '', rule, version, step, '', template, category,
           case when state = 2 then channel else sent_on[cardinality(sent_on)] end, priority, planned_at, permitted_at,
           coalesce(permitted_at, sent_at), case when state = 2 then 'unknown' else 'sent' end,
           case when state = 2 then 'unknown_outcome' end, attempt
      from d where state = 2 or sent_at is not null`,
};

const EMPTY_ROUNDS: Statement = {
  name: 'erase_empty_rounds',
  text: `
    update message_outcome o set detail = null from message m
     where m.customer_id = any($1::uuid[]) and o.day = m.day and o.message_id = m.message_id and o.detail is not null`,
};

/** It goes on being counted; whom it went to, what about and what was known of her is gone. */
const EMPTY_MESSAGES: Statement = {
  name: 'erase_empty_messages',
  text: `
    update message set customer_id = '${NOBODY}', customer = '', run = '', run_key = null, provider_id = null, detail = null,
           decision = null, plan = null
     where customer_id = any($1::uuid[])`,
};

const REMOVE_LETTERS: Statement = {
  name: 'erase_remove_letters',
  text: `
    with h as (
      delete from customer_hold where customer_id = any($1::uuid[]) returning stream, partition, log_offset, about)
    delete from dead_letter d
     where d.key = any($2::bytea[])
        or (d.stream, d.partition, d.log_offset, d.about) in (select stream, partition, log_offset, about from h)`,
};

const REMOVE_MERGES: Statement = {
  name: 'erase_remove_merges',
  text: `delete from contact_merge where from_id = any($1::uuid[]) or to_id = any($1::uuid[])`,
};

const removeFrom = (table: string): Statement => ({
  name: `erase_${table}`,
  text: `delete from ${table} where customer_id = any($1::uuid[])`,
});
const REMOVALS = ['inbox_message', 'contact_inbox', 'contact_feedback', 'run_trace'].map(removeFrom);

/** Whose rows go. */
export interface ErasedIds {
  /** UUID texts. */
  readonly customerIds: readonly string[];
  /** As they stand in the stream. */
  readonly customers: readonly string[];
}

/**
 * Everything that is kept of customers beside the engine's state, the contact and the history; their contacts are
 * locked, as in a claim. What is not kept for them alone is emptied, the rest is deleted.
 */
export function eraseCalls({ customerIds, customers }: ErasedIds): PreparedCall[] {
  const ids = uuidArray(customerIds);
  return [
    [ENSURE_DAYS, [ids]],
    [END_OPEN, [ids]],
    [EMPTY_ROUNDS, [ids]],
    [EMPTY_MESSAGES, [ids]],
    [REMOVE_LETTERS, [ids, byteaArray(customers.map((customer) => Buffer.from(customer)))]],
    [REMOVE_MERGES, [ids]],
    ...REMOVALS.map((statement): PreparedCall => [statement, [ids]]),
  ];
}
