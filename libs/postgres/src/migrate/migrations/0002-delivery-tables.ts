import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Contacts and the ledger of messages: the queue, its history, and one view of both for people (delivery.md). */
export class DeliveryTables1764000000002 implements MigrationInterface {
  name = 'DeliveryTables1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CONTACTS);
    await runner.query(LEDGER);
    await runner.query(MESSAGES_VIEW);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop view messages;
      drop table message_outcome, message, message_cancel, message_open, contact_inbox, contact;
      drop function message_day;
    `);
  }
}

const CONTACTS = `
create table contact (
  customer_id uuid primary key,
  consent_version int not null default 0,
  consents bytea,
  preferences bytea,
  addresses bytea,
  slots bytea not null default '',
  erased_at timestamptz
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- Consent carried by events: insert-only for the engine, applied under the contact's lock by whoever holds it.
create table contact_inbox (
  customer_id uuid,
  event_id text,
  event_time bigint not null,
  change bytea not null,
  -- Of two consents at one instant the later in the stream counts.
  n bigint generated always as identity,
  primary key (customer_id, event_id)
) with (autovacuum_vacuum_scale_factor = 0.05);
`;

const LEDGER = `
-- The first 4 bytes of a message's id are its day, so that one id names one partition of the history.
create function message_day(id uuid) returns date language sql immutable strict parallel safe as
  $$ select date '1970-01-01' + ('x' || left(id::text, 8))::bit(32)::int $$;

-- The queue. Only shard, not_before and customer_id are indexed, and no index has a predicate on state: reserving,
-- permitting and releasing are HOT updates. state: 0 planned, 1 reserved, 2 permitted.
create table message_open (
  message_id uuid primary key,
  shard smallint not null,
  partition smallint not null,
  customer_id uuid not null,
  customer text not null,
  rule text not null,
  version int not null,
  step text not null,
  run text not null,
  run_key json,
  template text not null,
  category text not null,
  channel text,
  priority smallint not null,
  planned_at timestamptz not null,
  not_before timestamptz not null,
  state smallint not null default 0,
  attempt smallint not null default 0,
  worker int,
  lease_until timestamptz,
  permitted_at timestamptz,
  consent_version int,
  held_for text,
  first_judged_at timestamptz,
  detail text,
  plan bytea not null,
  decision bytea
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index message_open_due on message_open (shard, not_before);
create index message_open_customer on message_open (customer_id);

-- Insert-only by the engine: withdrawing a message takes no lock on the queue.
create table message_cancel (
  message_id uuid primary key,
  reason text not null,
  at timestamptz not null
);

create table message (
  day date not null,
  message_id uuid not null,
  customer_id uuid not null,
  customer text not null,
  rule text not null,
  version int not null,
  step text not null,
  run text not null,
  run_key json,
  template text not null,
  category text not null,
  channel text,
  priority smallint not null,
  planned_at timestamptz not null,
  at timestamptz not null,
  permitted_at timestamptz,
  outcome text not null,
  reason text,
  blocked_by uuid,
  attempt smallint not null,
  provider_id text,
  detail text,
  decision bytea,
  primary key (day, message_id)
) partition by range (day);
create index on message (at desc, message_id);
create index on message (outcome, reason, at desc, message_id);
create index on message (customer_id, at desc);

-- Rounds that were held, deferred or retried, later what became of a sent one. The day is the message's.
create table message_outcome (
  day date not null,
  message_id uuid not null,
  kind text not null,
  at timestamptz not null,
  reason text,
  detail bytea
) partition by range (day);
create index on message_outcome (message_id, at);
`;

const MESSAGES_VIEW = `
create view messages as
  select message_day(message_id) as day, message_id, customer_id, customer, rule, version, step, run, run_key, template,
         category, channel, priority, planned_at, null::timestamptz as at,
         case when state > 0 then 'sending' when held_for is not null then 'held' else 'planned' end as outcome,
         held_for as reason, null::uuid as blocked_by, not_before, attempt, null::text as provider_id, detail, decision
    from message_open
  union all
  select day, message_id, customer_id, customer, rule, version, step, run, run_key, template, category, channel, priority,
         planned_at, at, outcome, reason, blocked_by, null, attempt, provider_id, detail, decision
    from message;
`;
