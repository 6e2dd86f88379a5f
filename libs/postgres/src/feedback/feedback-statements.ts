import { msOf } from '../connect/clock-parameters.js';
import type { Statement } from '../connect/postgres-pool.js';

/** Two that say something of one message at the same time wait for each other, so that a copy is seen as one. */
export const LOCK_MESSAGES: Statement = {
  name: 'feedback_lock',
  text: `
    select pg_advisory_xact_lock(hashtextextended('kairos:feedback:' || id, 0))
      from (select distinct id from unnest($1::uuid[]) w (id) order by 1) o`,
};

/** What went to whoever was erased is known to nobody. */
export const READ_MESSAGES: Statement = {
  name: 'feedback_read_messages',
  text: `
    select m.message_id, m.customer_id, m.customer, m.rule, m.template, m.category, m.channel, m.step, m.run,
           case when m.outcome in ('sent', 'unknown') then ${msOf('coalesce(m.permitted_at, m.at)')} end as sent_at
      from unnest($1::uuid[]) w (id) join message m on m.day = message_day(w.id) and m.message_id = w.id
     where m.customer <> ''
    union all
    select message_id, customer_id, customer, rule, template, category, channel, step, run,
           ${msOf('coalesce(sent_at, permitted_at)')}
      from message_open where message_id = any($1::uuid[])`,
};

/** Only these two are asked for by the provider's names: the others say ours in what they report. */
export const BY_PROVIDER_IDS: Statement = {
  name: 'feedback_by_provider_ids',
  text: `
    select provider_id, message_id from message
     where provider_id = any($2::text[]) and channel = $1 and channel in ('whatsapp', 'viber')
    union all
    select sent_provider_id, message_id from message_open where sent_provider_id = any($2::text[])`,
};

/** Rows of other kinds hold other things in \`detail\`: only these are read. */
export const READ_FEEDBACK: Statement = {
  name: 'feedback_read',
  text: `
    select o.message_id, o.kind, o.reason, o.detail
      from unnest($1::uuid[]) w (id) join message_outcome o on o.day = message_day(w.id) and o.message_id = w.id
     where o.kind = any($2::text[])`,
};

export const WRITE_FEEDBACK: Statement = {
  name: 'feedback_write',
  text: `
    insert into message_outcome (day, message_id, kind, at, reason, detail)
    select message_day(w.id), w.id, w.kind, w.at, w.reason, w.detail
      from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::bytea[]) w (id, kind, at, reason, detail)`,
};

/** Before messages and outcomes, as in a claim. */
export const LOCK_CONTACTS_OF: Statement = {
  name: 'feedback_lock_contacts',
  text: `
    select customer_id, addresses from contact where customer_id = any($1::uuid[]) order by customer_id for update`,
};

/** A customer's state lies in her partition, which only her key tells. */
export const READ_STATES_OF: Statement = {
  name: 'feedback_read_states',
  text: `
    select s.customer_id, s.state
      from unnest($1::int2[], $2::uuid[]) w (partition, id)
      join customer_state s on s.partition = w.partition and s.customer_id = w.id`,
};

/** Marks the permits that were not yet given as stale, too: \`consent_version\` is what they compare. */
export const WRITE_SUPPRESSED: Statement = {
  name: 'feedback_write_suppressed',
  text: `
    update contact c set addresses = w.addresses, consent_version = consent_version + 1
      from unnest($1::uuid[], $2::bytea[]) w (id, addresses) where c.customer_id = w.id`,
};

export const MAKE_CONTACTS: Statement = {
  name: 'feedback_make_contacts',
  text: `insert into contact (customer_id) select distinct id from unnest($1::uuid[]) w (id) order by 1 on conflict do nothing`,
};

/** For the next claim of the customer: her channels, and fallbacks that are not wanted any more. */
export const WRITE_ANSWERS: Statement = {
  name: 'feedback_write_answers',
  text: `
    insert into contact_feedback (customer_id, message_id, kind, at)
    select w.customer_id, w.id, w.kind, max(w.at)
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) w (customer_id, id, kind, at)
     group by 1, 2, 3 order by 1, 2, 3
    on conflict (customer_id, message_id, kind) do update set at = greatest(contact_feedback.at, excluded.at)`,
};

/** What bounced for good waits for no answer: its fallback is due, unless it has gone to another channel since. */
export const HASTEN_FALLBACKS: Statement = {
  name: 'feedback_hasten_fallbacks',
  text: `
    update message_open o set not_before = least(o.not_before, w.at)
      from unnest($1::uuid[], $2::timestamptz[], $3::text[]) w (id, at, channel)
     where o.message_id = w.id and o.state = 3 and coalesce(w.channel = o.sent_on[cardinality(o.sent_on)], true)`,
};
