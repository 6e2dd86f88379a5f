import { msOf } from '../connect/clock-parameters.js';
import type { Statement } from '../connect/postgres-pool.js';

/** The database's clock, real ms. */
export const DATABASE_CLOCK: Statement = {
  name: 'ledger_clock',
  text: `select ${msOf('clock_timestamp()')} as now`,
};

/**
 * (1) Due customers, without locks, shard after shard in the given order until there are enough. Contacts that nobody
 * has written yet are made here, in a transaction of their own, so that nobody waits for a whole claim of somebody else.
 */
export const DUE_CUSTOMERS: Statement = {
  name: 'ledger_due_customers',
  text: `
    with due as materialized (
      select m.customer_id
        from unnest($1::int2[]) with ordinality s (shard, n),
             lateral (select customer_id from message_open
                       where shard = s.shard and not_before <= to_timestamp($2::float8 / 1000) and state in (0, 3)
                       order by not_before limit $3) m
       limit $3),
    made as (
      insert into contact (customer_id)
      select distinct d.customer_id from due d
       where not exists (select from contact c where c.customer_id = d.customer_id)
       order by 1
      on conflict do nothing)
    select distinct customer_id from due`,
};

/**
 * (2) Whoever is locked belongs to another worker's claim, or to an unsubscribe, and comes again with the next claim. Of one
 * who is being erased nothing is decided any more.
 */
export const LOCK_CONTACTS: Statement = {
  name: 'ledger_lock_contacts',
  text: `
    select customer_id, consent_version, consents, preferences, addresses, slots, engagement
      from contact where customer_id = any($1::uuid[]) and erased_at is null
     order by customer_id for update skip locked`,
};

/** (3) Each a statement of its own after the lock, so with a snapshot that has seen what the lock waited for. */
export const READ_OPEN: Statement = {
  name: 'ledger_read_open',
  text: `
    select o.customer_id, o.customer, o.message_id, o.plan, ${msOf('o.not_before')} as not_before, o.state, o.attempt, o.held_for, o.channel,
           ${msOf('o.first_judged_at')} as first_judged_at, o.sent_on, o.failed_on, ${msOf('o.sent_at')} as sent_at, c.reason as cancelled
      from message_open o left join message_cancel c using (message_id)
     where o.customer_id = any($1::uuid[])`,
};

export const READ_INBOX: Statement = {
  name: 'ledger_read_inbox',
  text: `
    select customer_id, event_id, event_time, change from contact_inbox
     where customer_id = any($1::uuid[]) order by event_time, n`,
};

export const READ_FEEDBACK: Statement = {
  name: 'ledger_read_feedback',
  text: `
    select customer_id, message_id, kind, ${msOf('at')} as at from contact_feedback
     where customer_id = any($1::uuid[]) order by at, message_id, kind`,
};

/** Of one locked contact: read and emptied at once. */
export const TAKE_INBOX: Statement = {
  name: 'ledger_take_inbox',
  text: `
    with taken as (delete from contact_inbox where customer_id = $1 returning customer_id, event_id, event_time, change, n)
    select customer_id, event_id, event_time, change from taken order by event_time, n`,
};

/** The partition's owner writes it; here the committed row is read. */
export const READ_STATES: Statement = {
  name: 'ledger_read_states',
  text: `
    select s.customer_id, s.state
      from (select distinct partition, customer_id from message_open where customer_id = any($1::uuid[])) k
      join customer_state s using (partition, customer_id)`,
};

/**
 * Whose event is parked as a dead letter (engine.md, Poison), under her own id or one that turned out to be hers. A letter
 * that was replayed holds until the engine has passed where it was appended again.
 */
export const READ_HOLDS: Statement = {
  name: 'ledger_read_holds',
  text: `
    with held as (
      select customer_id, h.stream, h.partition, h.log_offset, h.about, h.held_until, h.replayed_offset
        from customer_hold h where customer_id = any($1::uuid[])
      union all
      select m.to_id, h.stream, h.partition, h.log_offset, h.about, h.held_until, h.replayed_offset
        from contact_merge m join customer_hold h on h.customer_id = m.from_id where m.to_id = any($1::uuid[]))
    select h.customer_id, min(d.id)::text as letter
      from held h join dead_letter d using (stream, partition, log_offset, about)
     where h.held_until > clock_timestamp()
       and not (h.replayed_offset is not null and exists (
             select from stream_partition p
              where p.stream = h.stream and p.partition = h.partition and p.next_offset > h.replayed_offset))
     group by h.customer_id`,
};

/** Where a slot's message is now. An open one that is planned again holds nothing: its attempt failed for sure. */
export const READ_FATES: Statement = {
  name: 'ledger_read_fates',
  text: `
    select w.id as message_id, o.state, o.failed_on, ${msOf('o.sent_at')} as sent_at, m.outcome, ${msOf(`case m.outcome when 'unknown' then m.permitted_at else m.at end`)} as at
      from unnest($1::uuid[]) w (id)
      left join message_open o on o.message_id = w.id
      left join message m on m.day = message_day(w.id) and m.message_id = w.id`,
};

export const WRITE_CONTACTS: Statement = {
  name: 'ledger_write_contacts',
  text: `
    update contact c
       set slots = w.slots, consents = coalesce(w.consents, c.consents),
           engagement = coalesce(w.engagement, c.engagement),
           consent_version = c.consent_version + (w.consents is not null)::int
      from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[]) w (id, slots, consents, engagement)
     where c.customer_id = w.id`,
};

/** Only what was read and applied; what came meanwhile stays. */
export const EMPTY_INBOX: Statement = {
  name: 'ledger_empty_inbox',
  text: `
    delete from contact_inbox i using unnest($1::uuid[], $2::text[]) w (customer_id, event_id)
     where i.customer_id = w.customer_id and i.event_id = w.event_id`,
};

/** Only what was applied; what was said again meanwhile stays. */
export const EMPTY_FEEDBACK: Statement = {
  name: 'ledger_empty_feedback',
  text: `
    delete from contact_feedback f using unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) w (customer_id, message_id, kind, at)
     where f.customer_id = w.customer_id and f.message_id = w.message_id and f.kind = w.kind and f.at <= w.at`,
};

export const RESERVE: Statement = {
  name: 'ledger_reserve',
  text: `
    update message_open o
       set state = 1, worker = $1, lease_until = to_timestamp($2::float8 / 1000), attempt = o.attempt + 1,
           channel = w.channel, decision = w.decision, consent_version = w.consent_version, held_for = null,
           first_judged_at = coalesce(o.first_judged_at, to_timestamp($3::float8 / 1000))
      from unnest($4::uuid[], $5::text[], $6::bytea[], $7::int4[]) w (id, channel, decision, consent_version)
     where o.message_id = w.id and o.state in (0, 3)`,
};

/** Nothing was decided: the message is looked at again later. */
export const POSTPONE: Statement = {
  name: 'ledger_postpone',
  text: `
    update message_open o set not_before = w.not_before
      from unnest($1::uuid[], $2::timestamptz[]) w (id, not_before) where o.message_id = w.id and o.state in (0, 3)`,
};

/** The round is kept beside the message: the next one writes its own decision. */
export const DEFER: Statement = {
  name: 'ledger_defer',
  text: `
    with w as (select * from unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::bytea[], $6::text[])
                    w (id, not_before, reason, decision, channel)),
    deferred as (
      update message_open o
         set state = 0, not_before = w.not_before, held_for = w.reason, channel = w.channel,
             first_judged_at = coalesce(o.first_judged_at, to_timestamp($1::float8 / 1000))
        from w where o.message_id = w.id and o.state in (0, 3))
    insert into message_outcome (day, message_id, kind, at, reason, detail)
    select message_day(w.id), w.id, 'deferred', to_timestamp($1::float8 / 1000), w.reason, w.decision from w`,
};

/**
 * A message that has left and is not sent on the next channel was sent all the same: its last round says why it went no
 * further.
 */
export const SUPPRESS: Statement = {
  name: 'ledger_suppress',
  text: `
    with w as (select * from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::bytea[])
                    w (id, channel, reason, blocked_by, decision)),
    withdrawn as (delete from message_cancel c using w where c.message_id = w.id),
    d as (delete from message_open o using w where o.message_id = w.id and o.state in (0, 3)
          returning o.*, w.channel as last_channel, w.reason, w.blocked_by, w.decision as last_decision),
    round as (insert into message_outcome (day, message_id, kind, at, reason, detail)
              select message_day(message_id), message_id, 'suppressed', to_timestamp($1::float8 / 1000), reason, last_decision
                from d where sent_at is not null)
    insert into message (day, message_id, customer_id, customer, rule, version, step, run, run_key, template, category,
                         channel, priority, planned_at, at, outcome, reason, blocked_by, attempt, provider_id, detail, decision)
    select message_day(message_id), message_id, customer_id, customer, rule, version, step, run, run_key, template, category,
           coalesce(sent_on[cardinality(sent_on)], last_channel), priority, planned_at,
           coalesce(sent_at, to_timestamp($1::float8 / 1000)), case when sent_at is null then 'suppressed' else 'sent' end,
           case when sent_at is null then reason end, case when sent_at is null then blocked_by end, attempt, sent_provider_id,
           detail, case when sent_at is null then last_decision else decision end
      from d`,
};

/** The end of messages whose fallback was answered, or has no further channel: sent, or failed where nobody took them. */
export const SETTLE: Statement = {
  name: 'ledger_settle',
  text: `
    with w as (select * from unnest($2::uuid[]) w (id)),
    withdrawn as (delete from message_cancel c using w where c.message_id = w.id),
    d as (delete from message_open o using w where o.message_id = w.id and o.state in (0, 3) returning o.*)
    insert into message (day, message_id, customer_id, customer, rule, version, step, run, run_key, template, category,
                         channel, priority, planned_at, at, outcome, reason, attempt, provider_id, detail, decision, plan)
    select message_day(message_id), message_id, customer_id, customer, rule, version, step, run, run_key, template, category,
           coalesce(sent_on[cardinality(sent_on)], channel), priority, planned_at,
           coalesce(sent_at, to_timestamp($1::float8 / 1000)), case when sent_at is null then 'failed' else 'sent' end,
           case when sent_at is null then 'provider_rejected' end, attempt, sent_provider_id, detail, decision,
           case when sent_at is null then plan end
      from d`,
};
