import { msOf, nowOfClock } from '../connect/clock-parameters.js';
import type { Statement } from '../connect/postgres-pool.js';

/**
 * The last look before the point of no return: my lease with enough of it left, not withdrawn, consent as it was when
 * the message was claimed.
 */
export const PERMIT: Statement = {
  name: 'ledger_permit',
  text: `
    update message_open o set state = 2, permitted_at = ${nowOfClock(4)}
      from contact c
     where o.message_id = any($1::uuid[]) and o.worker = $2 and o.state = 1
       and o.lease_until >= clock_timestamp() + $3::float8 * interval '1 millisecond'
       and c.customer_id = o.customer_id and c.consent_version = o.consent_version
       and not exists (select from message_cancel k where k.message_id = o.message_id)
    returning o.message_id`,
};

const INTO_MESSAGE = `
    insert into message (day, message_id, customer_id, customer, rule, version, step, run, run_key, template, category,
                         channel, priority, planned_at, permitted_at, at, outcome, reason, attempt, provider_id, detail,
                         decision, plan)`;

/** Only what this worker still holds: a lease that ran out was judged by \`recover\`. */
export const CLOSE: Statement = {
  name: 'ledger_close',
  text: `
    with w as (select * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
                    w (id, outcome, reason, provider_id, detail)),
    withdrawn as (delete from message_cancel c using w where c.message_id = w.id),
    d as (delete from message_open o using w where o.message_id = w.id and o.worker = $1 and o.state in (1, 2)
          returning o.*, w.outcome, w.reason, w.provider_id, w.detail as last_detail)
    ${INTO_MESSAGE}
    select message_day(message_id), message_id, customer_id, customer, rule, version, step, run, run_key, template, category,
           channel, priority, planned_at, permitted_at, ${nowOfClock(7)}, outcome, reason, attempt, provider_id,
           coalesce(last_detail, detail), decision, case outcome when 'sent' then null else plan end
      from d`,
};

/** Accepted, and its fallback waits for an answer; the round that left is kept. */
export const AWAIT_FALLBACK: Statement = {
  name: 'ledger_await_fallback',
  text: `
    with w as (select * from unnest($2::uuid[], $3::text[], $4::text[], $5::int8[]) w (id, provider_id, detail, after_ms)),
    sent as (
      update message_open o
         set state = 3, worker = null, lease_until = null, permitted_at = null, consent_version = null,
             sent_on = array_append(o.sent_on, o.channel), sent_at = ${nowOfClock(6)}, held_for = null,
             not_before = ${nowOfClock(6)} + w.after_ms * interval '1 millisecond',
             sent_provider_id = w.provider_id, detail = w.detail
        from w where o.message_id = w.id and o.worker = $1 and o.state in (1, 2)
      returning o.message_id, o.channel, o.sent_at, o.decision)
    insert into message_outcome (day, message_id, kind, at, reason, detail)
    select message_day(message_id), message_id, 'sent', sent_at, channel, decision from sent`,
};

/** Failed for good on this channel: judged again at once for those that are left. */
export const FAIL_OVER: Statement = {
  name: 'ledger_fail_over',
  text: `
    with w as (select * from unnest($2::uuid[], $3::text[], $4::text[]) w (id, reason, detail)),
    failed as (
      update message_open o
         set state = 3, worker = null, lease_until = null, permitted_at = null, consent_version = null,
             failed_on = array_append(o.failed_on, o.channel), held_for = null, not_before = ${nowOfClock(5)}, detail = w.detail
        from w where o.message_id = w.id and o.worker = $1 and o.state in (1, 2)
      returning o.message_id, w.reason, w.detail, o.not_before)
    insert into message_outcome (day, message_id, kind, at, reason, detail)
    select message_day(message_id), message_id, 'failed', not_before, reason, convert_to(detail, 'UTF8') from failed`,
};

/** Planned again, and the round that failed is kept. */
export const RETRY: Statement = {
  name: 'ledger_retry',
  text: `
    with w as (select * from unnest($2::uuid[], $3::timestamptz[], $4::text[]) w (id, not_before, detail)),
    planned as (
      update message_open o
         set state = 0, worker = null, lease_until = null, permitted_at = null, consent_version = null,
             not_before = w.not_before, detail = w.detail
        from w where o.message_id = w.id and o.worker = $1 and o.state in (1, 2)
      returning o.message_id, w.detail)
    insert into message_outcome (day, message_id, kind, at, detail)
    select message_day(message_id), message_id, 'retried', ${nowOfClock(5)}, convert_to(detail, 'UTF8') from planned`,
};

export const RELEASE: Statement = {
  name: 'ledger_release',
  text: `
    update message_open o
       set state = 0, worker = null, lease_until = null, permitted_at = null, consent_version = null,
           attempt = attempt - 1, not_before = greatest(o.not_before, w.not_before)
      from unnest($2::uuid[], $3::timestamptz[]) w (id, not_before)
     where o.message_id = w.id and o.worker = $1 and o.state in (1, 2)`,
};

export const LOCK_ADDRESSES: Statement = {
  name: 'ledger_lock_addresses',
  text: `
    select o.message_id, c.customer_id, c.addresses
      from (select message_id, customer_id from message_open where message_id = any($1::uuid[])) o
      join contact c using (customer_id)
     order by c.customer_id for update of c`,
};

export const WRITE_ADDRESSES: Statement = {
  name: 'ledger_write_addresses',
  text: `update contact c set addresses = w.addresses from unnest($1::uuid[], $2::bytea[]) w (id, addresses) where c.customer_id = w.id`,
};

/**
 * Rows of delivery have seq 0: it owns no partition and needs no fence. Behind what they tell of, so that one whose customer
 * was erased meanwhile is seen.
 */
export const PUT_OUTCOMES: Statement = {
  name: 'ledger_put_outcomes',
  text: `
    insert into stream_outbox (stream, partition, seq, n, record_id, target_key, value, headers, hops)
    select $1, w.partition, 0, nextval('stream_outbox_n'), w.record_id, w.target_key, w.value, '{}', 0
      from unnest($2::int2[], $3::text[], $4::bytea[], $5::bytea[], $6::uuid[])
           w (partition, record_id, target_key, value, message_id)
     where w.message_id is null
        or exists (select from message_open o where o.message_id = w.message_id)
        or exists (select from message m
                    where m.day = message_day(w.message_id) and m.message_id = w.message_id and m.customer <> '')`,
};

/**
 * Leases that ran out, what workers that are gone ($1) had only reserved, and what those that are gone for good ($2) had
 * permitted; while nobody else looks at them.
 */
export const EXPIRED: Statement = {
  name: 'ledger_expired',
  text: `
    select message_id, state, category, channel from message_open
     where (state in (1, 2) and lease_until < clock_timestamp())
        or (state = 1 and worker = any($1::int4[])) or (state = 2 and worker = any($2::int4[]))
     order by message_id limit 1000 for update skip locked`,
};

/** The attempt of a reserved one never began; the one of a permitted one counts. */
export const REPLAN: Statement = {
  name: 'ledger_replan',
  text: `
    update message_open
       set attempt = attempt - (state = 1)::int, state = 0, worker = null, lease_until = null, permitted_at = null,
           consent_version = null
     where message_id = any($1::uuid[])`,
};

export const CLOSE_UNKNOWN: Statement = {
  name: 'ledger_close_unknown',
  text: `
    with withdrawn as (delete from message_cancel where message_id = any($1::uuid[])),
    d as (delete from message_open where message_id = any($1::uuid[]) returning *)
    ${INTO_MESSAGE}
    select message_day(message_id), message_id, customer_id, customer, rule, version, step, run, run_key, template, category,
           channel, priority, planned_at, permitted_at, ${nowOfClock(2)}, 'unknown', 'unknown_outcome', attempt, null,
           'the process ended between permit and answer', decision, plan
      from d`,
};

/** Withdrawals of messages that had left already when they came. */
export const SWEEP_CANCELS: Statement = {
  name: 'ledger_sweep_cancels',
  text: `
    delete from message_cancel where message_id in (
      select c.message_id from message_cancel c
       where not exists (select from message_open o where o.message_id = c.message_id) limit 10000)`,
};

/** `$1`: now, ms of the clock port. */
export const DUE_COUNT: Statement = {
  name: 'ledger_due_count',
  text: `select count(*)::int as due from message_open where state in (0, 3) and not_before <= to_timestamp($1::float8 / 1000)`,
};

export const NEXT_DUE: Statement = {
  name: 'ledger_next_due',
  text: `
    select min(${msOf('m.not_before')}) as next
      from generate_series(0, $1::int - 1) s (shard),
           lateral (select not_before from message_open where shard = s.shard and state in (0, 3) order by not_before limit 1) m`,
};
