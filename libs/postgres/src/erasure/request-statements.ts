import { msOf } from '../connect/clock-parameters.js';
import type { Statement } from '../connect/postgres-pool.js';

/** Every id that was ever joined to one of these, near or far. */
export const FAMILY: Statement = {
  name: 'erase_family',
  text: `
    with recursive family (id) as (
      select * from unnest($1::uuid[])
      union
      select case when m.from_id = f.id then m.to_id else m.from_id end
        from family f join contact_merge m on f.id in (m.from_id, m.to_id))
    select id from family`,
};

export const STATES_OF: Statement = {
  name: 'erase_states_of',
  text: `select state from customer_state where partition = any($1::int2[]) and customer_id = any($2::uuid[])`,
};

/** Beside the engine's state. An emptied contact says nothing of anybody. */
export const IS_KNOWN: Statement = {
  name: 'erase_is_known',
  text: `
    select exists (select from contact where customer_id = any($1::uuid[])
                    and (consents is not null or preferences is not null or addresses is not null or erased_at is not null))
        or exists (select from message_open where customer_id = any($1::uuid[]))
        or exists (select from message where customer_id = any($1::uuid[]))
        or exists (select from inbox_message where customer_id = any($1::uuid[]))
        or exists (select from contact_inbox where customer_id = any($1::uuid[]))
        or exists (select from run_trace where customer_id = any($1::uuid[]))
        or exists (select from event_history where customer_id = any($1::uuid[]))
        or exists (select from dead_letter where key = any($2::bytea[])) as known`,
};

/** Waits for a claim that holds them: what it has decided is seen, and what it has reserved gets no permit. */
export const LOCK_CONTACTS: Statement = {
  name: 'erase_lock_contacts',
  text: `select addresses from contact where customer_id = any($1::uuid[]) order by customer_id for update`,
};

/** Now, and until when any of them was erased before, ms; read behind the locks. */
export const LATEST: Statement = {
  name: 'erase_latest',
  text: `
    select ${msOf('clock_timestamp()')} as now,
           coalesce((select max(until) from erased_customer where customer_id = any($1::uuid[])), 0) as erased`,
};

export const PUT_HASHES: Statement = {
  name: 'erase_put_hashes',
  text: `insert into erased_address (hash) select * from unnest($1::bytea[]) on conflict do nothing`,
};

/** Until the owner of her partition has come to the record, delivery decides nothing for her. */
export const CLEAR_CONTACTS: Statement = {
  name: 'erase_clear_contacts',
  text: `
    update contact
       set consents = null, preferences = null, addresses = null, engagement = null, slots = '',
           erased_at = to_timestamp($2::float8 / 1000), consent_version = consent_version + 1
     where customer_id = any($1::uuid[])`,
};

export const COUNT_MESSAGES: Statement = {
  name: 'erase_count_messages',
  text: `
    select ((select count(*) from message where customer_id = any($1::uuid[]))
          + (select count(*) from message_open where customer_id = any($1::uuid[]) and (state = 2 or sent_at is not null)))::int
           as messages`,
};

export const FORGET_HISTORY: Statement = {
  name: 'erase_forget_history',
  text: `delete from event_history where customer_id = any($1::uuid[])`,
};

export const LETTERS_NAMING: Statement = {
  name: 'erase_letters_naming',
  text: `
    select id, value, headers from dead_letter d
     where exists (select from unnest($1::bytea[]) n (text) where position(n.text in d.value) > 0)`,
};

export const REMOVE_LETTERS: Statement = {
  name: 'erase_remove_letters_by_id',
  text: `delete from dead_letter where id = any($1::int8[])`,
};

/** As delivery tells of outcomes: told exactly when it is so. */
export const PUT_ERASE_RECORDS: Statement = {
  name: 'erase_put_records',
  text: `
    insert into stream_outbox (stream, partition, seq, n, record_id, target_key, value, headers, hops)
    select $1, w.partition, 0, nextval('stream_outbox_n'), w.record_id, w.target_key, w.value, w.headers::json, 1
      from unnest($2::int2[], $3::text[], $4::bytea[], $5::bytea[], $6::text[])
           w (partition, record_id, target_key, value, headers)`,
};

export const WRITE_AUDIT: Statement = {
  name: 'erase_write_audit',
  text: `
    insert into erasure (id, at, by, reason, ids, messages)
    values ($1, to_timestamp($2::float8 / 1000), $3, $4, $5, $6)`,
};

export const IS_PENDING: Statement = {
  name: 'erase_is_pending',
  text: `
    select exists (select from contact where customer_id = any($1::uuid[]) and erased_at is not null) as pending`,
};
