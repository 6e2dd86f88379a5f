import type { Statement } from '../connect/postgres-pool.js';

/** The row of a partition that nobody has owned yet. */
export const ENSURE_PARTITION: Statement = {
  name: 'partition_ensure',
  text: `insert into stream_partition (stream, partition) values ($1, $2) on conflict do nothing`,
};

/** Waits for the row lock of a transaction still open, so that what is loaded afterwards is final. */
export const TAKE_OVER: Statement = {
  name: 'partition_take_over',
  text: `
    update stream_partition set epoch = epoch + 1, owner = $3, taken_at = clock_timestamp()
     where stream = $1 and partition = $2
    returning epoch, seq, next_offset, log_time, fired_through, ruleset`,
};

/**
 * The first statement of every transaction of a partition. All statements of a commit are sent at once, so a lost fence
 * has to make the ones behind it fail: without a row the division by zero does (SQLSTATE 22012, raised by nothing else
 * here).
 */
export const FENCE: Statement = {
  name: 'partition_fence',
  text: `
    with moved as (
      update stream_partition
         set seq = seq + 1, next_offset = $5, log_time = $6, fired_through = $7, ruleset = $8
       where stream = $1 and partition = $2 and epoch = $3 and seq = $4
      returning 1)
    select 1 / count(*) as held from moved`,
};
export const FENCE_LOST = '22012';

/** On a new connection, after a commit whose outcome is unknown: waits for that transaction to end, whatever its end. */
export const READ_POSITION: Statement = {
  name: 'partition_read_position',
  text: `
    select epoch, seq, next_offset, log_time, fired_through, ruleset
      from stream_partition where stream = $1 and partition = $2 for update`,
};

export const RECORD_ACTIVATION: Statement = {
  name: 'partition_record_activation',
  text: `
    insert into ruleset_activation (stream, partition, ruleset, log_offset) values ($1, $2, $3, $4)
    on conflict do nothing`,
};

/** In pages by customer: a million timers are neither one result nor one long snapshot. */
export const LOAD_TIMERS: Statement = {
  name: 'partition_load_timers',
  text: `
    select customer_id, next_fire from customer_state
     where partition = $1 and customer_id > $2 and next_fire is not null
     order by customer_id limit $3`,
};

export const LOAD_STATES: Statement = {
  name: 'partition_load_states',
  text: `select customer_id, state from customer_state where partition = $1 and customer_id = any($2::uuid[])`,
};

export const WRITE_STATES: Statement = {
  name: 'partition_write_states',
  text: `
    insert into customer_state (partition, customer_id, next_fire, state)
    select $1, w.* from unnest($2::uuid[], $3::int8[], $4::bytea[]) w
    on conflict (partition, customer_id) do update set next_fire = excluded.next_fire, state = excluded.state`,
};

export const REMOVE_STATES: Statement = {
  name: 'partition_remove_states',
  text: `delete from customer_state where partition = $1 and customer_id = any($2::uuid[])`,
};

/** A plan that is there already was planned by the same step of the same run: the id says so. */
/**
 * Planning twice is one message, also when the first has long gone its way: a log that is read anew sends nothing again.
 * A subquery, since a join might be planned as a scan of the whole history.
 */
export const PLAN_MESSAGES: Statement = {
  name: 'partition_plan_messages',
  text: `
    insert into message_open (partition, message_id, shard, customer_id, customer, rule, version, step, run, run_key,
                              template, category, priority, planned_at, not_before, plan)
    select $1, w.id, w.shard, w.customer_id, w.customer, w.rule, w.version, w.step, w.run, w.run_key::json,
           w.template, w.category, w.priority, w.planned_at, w.planned_at, w.plan
      from unnest($2::uuid[], $3::int2[], $4::uuid[], $5::text[], $6::text[], $7::int4[], $8::text[], $9::text[],
                  $10::text[], $11::text[], $12::text[], $13::int2[], $14::timestamptz[], $15::bytea[])
           w (id, shard, customer_id, customer, rule, version, step, run, run_key, template, category, priority,
              planned_at, plan)
     where (select true from message m where m.day = message_day(w.id) and m.message_id = w.id) is null
    on conflict do nothing`,
};

/** The first reason stays. */
export const CANCEL_MESSAGES: Statement = {
  name: 'partition_cancel_messages',
  text: `
    insert into message_cancel (message_id, reason, at)
    select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])
    on conflict do nothing`,
};

export const PUT_CONSENTS: Statement = {
  name: 'partition_put_consents',
  text: `
    insert into contact_inbox (customer_id, event_id, event_time, change)
    select * from unnest($1::uuid[], $2::text[], $3::int8[], $4::bytea[])
    on conflict do nothing`,
};

/** A hand-over that is sent again is one. */
export const MERGE_CONTACTS: Statement = {
  name: 'partition_merge_contacts',
  text: `
    insert into contact_merge (partition, from_id, to_id, customer, event_time)
    select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::int8[])
    on conflict do nothing`,
};

export const WRITE_TRACES: Statement = {
  name: 'partition_write_traces',
  text: `
    insert into run_trace (day, partition, seq, customer_id, at, n, rule, kind, entry)
    select date '1970-01-01' + $1::int, $2, $3, w.customer_id, w.at, w.n, w.rule, w.kind, w.entry
      from unnest($4::uuid[], $5::timestamptz[], $6::int4[], $7::text[], $8::text[], $9::bytea[])
           w (customer_id, at, n, rule, kind, entry)`,
};

export const PUT_OUTBOX: Statement = {
  name: 'partition_put_outbox',
  text: `
    insert into stream_outbox (stream, partition, seq, n, record_id, target_key, target_partition, value, headers, hops)
    select $1, $2, $3, w.n, w.record_id, w.target_key, w.target_partition, w.value, w.headers::json, w.hops
      from unnest($4::int8[], $5::text[], $6::bytea[], $7::int2[], $8::bytea[], $9::text[], $10::int2[])
           w (n, record_id, target_key, target_partition, value, headers, hops)`,
};

export const REMOVE_OUTBOX: Statement = {
  name: 'partition_remove_outbox',
  text: `
    delete from stream_outbox o using unnest($3::int8[], $4::int8[]) w (seq, n)
     where o.stream = $1 and o.partition = $2 and o.seq = w.seq and o.n = w.n`,
};

export const PENDING_OUTBOX: Statement = {
  name: 'partition_pending_outbox',
  text: `
    select seq, n, record_id, target_key, target_partition, value, headers, hops from stream_outbox
     where stream = $1 and partition = $2 order by seq, n limit $3`,
};

export const PARTITIONS_WITH_OUTBOX: Statement = {
  name: 'partitions_with_outbox',
  text: `
    select p.partition from unnest($2::int2[]) p (partition)
     where exists (select from stream_outbox o where o.stream = $1 and o.partition = p.partition)`,
};

export const PUT_DEAD_LETTERS: Statement = {
  name: 'partition_put_dead_letters',
  text: `
    insert into dead_letter (stream, partition, log_offset, reason, detail, key, value, headers, replayable, about)
    select $1, $2, w.log_offset, w.reason, w.detail, w.key, w.value, w.headers::json, w.replayable, w.about
      from unnest($3::int8[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::text[], $9::bool[], $10::int8[])
           w (log_offset, reason, detail, key, value, headers, replayable, about)
    on conflict do nothing`,
};

/** Not longer than a day (engine.md, Poison): by then somebody has seen the alert, or it does not matter any more. */
export const HOLD_CUSTOMERS: Statement = {
  name: 'partition_hold_customers',
  text: `
    insert into customer_hold (stream, partition, log_offset, customer_id, about, held_until)
    select $1, $2, w.log_offset, w.customer_id, w.about, clock_timestamp() + interval '24 hours'
      from unnest($3::int8[], $4::uuid[], $5::int8[]) w (log_offset, customer_id, about)
    on conflict do nothing`,
};

export const ADD_WATCHERS: Statement = {
  name: 'partition_add_watchers',
  text: `
    insert into item_watch (partition, thing, customer_id)
    select $1, w.* from unnest($2::int8[], $3::uuid[]) w on conflict do nothing`,
};

export const REMOVE_WATCHERS: Statement = {
  name: 'partition_remove_watchers',
  text: `
    delete from item_watch i using unnest($2::int8[], $3::uuid[]) w (thing, customer_id)
     where i.partition = $1 and i.thing = w.thing and i.customer_id = w.customer_id`,
};

/** So many of each thing: one question for all things that a batch speaks of. */
export const WATCHERS: Statement = {
  name: 'partition_watchers',
  text: `
    select t.thing, w.customer_id
      from unnest($2::int8[]) t (thing)
     cross join lateral (
       select i.customer_id from item_watch i
        where i.partition = $1 and i.thing = t.thing and i.customer_id > $3
        order by i.customer_id limit $4) w
     order by t.thing, w.customer_id`,
};

export const HEAR_ITEMS: Statement = {
  name: 'partition_hear_items',
  text: `
    insert into item_heard (stream, partition, event_id, heard_at)
    select $1, $2, event_id, $3 from unnest($4::text[]) h (event_id)
        on conflict do nothing`,
};

export const FORGET_ITEMS: Statement = {
  name: 'partition_forget_items',
  text: `delete from item_heard where stream = $1 and partition = $2 and heard_at < $3`,
};

export const HEARD_ITEMS: Statement = {
  name: 'partition_heard_items',
  text: `
    select event_id from item_heard
     where stream = $1 and partition = $2 order by heard_at desc limit $3`,
};

export const OPEN_JOBS: Statement = {
  name: 'partition_open_jobs',
  text: `
    select log_offset, log_time, cursor, task from partition_job
     where stream = $1 and partition = $2 order by log_offset`,
};

export const PUT_JOBS: Statement = {
  name: 'partition_put_jobs',
  text: `
    insert into partition_job (stream, partition, log_offset, log_time, cursor, task)
    select $1, $2, w.log_offset, w.log_time, w.cursor, w.task::json
      from unnest($3::int8[], $4::int8[], $5::uuid[], $6::text[]) w (log_offset, log_time, cursor, task)
    on conflict (stream, partition, log_offset) do update set cursor = excluded.cursor, task = excluded.task`,
};

export const END_JOBS: Statement = {
  name: 'partition_end_jobs',
  text: `delete from partition_job where stream = $1 and partition = $2 and log_offset = any($3::int8[])`,
};

export const CUSTOMERS_AFTER: Statement = {
  name: 'partition_customers_after',
  text: `
    select customer_id from customer_state
     where partition = $1 and customer_id > $2 order by customer_id limit $3`,
};

export const LIST_CUSTOMERS: Statement = {
  name: 'partition_list_customers',
  text: `
    insert into start_list (stream, partition, log_offset, customer_id)
    select $1, $2, w.* from unnest($3::int8[], $4::uuid[]) w on conflict do nothing`,
};

export const STRIKE_CUSTOMERS: Statement = {
  name: 'partition_strike_customers',
  text: `
    delete from start_list l using unnest($3::int8[], $4::uuid[]) w (log_offset, customer_id)
     where l.stream = $1 and l.partition = $2 and l.log_offset = w.log_offset and l.customer_id = w.customer_id`,
};

export const END_LISTS: Statement = {
  name: 'partition_end_lists',
  text: `delete from start_list where stream = $1 and partition = $2 and log_offset = any($3::int8[])`,
};

export const LISTED: Statement = {
  name: 'partition_listed',
  text: `
    select customer_id from start_list
     where stream = $1 and partition = $2 and log_offset = $3 order by customer_id limit $4`,
};

export const START_REQUEST: Statement = {
  name: 'partition_start_request',
  text: `select id, rule, per_hour, counted from start_request where id = $1`,
};
