import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages that wait for their fallback, what customers answer on which channel, who is at work, and replays of messages. */
export class FallbacksAndReplays1764000000011 implements MigrationInterface {
  name = 'FallbacksAndReplays1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS);
    await runner.query(TABLES);
    await runner.query(MESSAGES_VIEW);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop view messages;
      drop table contact_feedback, delivery_worker;
      alter table message drop column plan;
      alter table contact drop column engagement;
      alter table message_open drop column sent_on, drop column failed_on, drop column sent_at, drop column sent_provider_id;
    `);
    await runner.query(FORMER_VIEW);
  }
}

const COLUMNS = `
-- Of a message with a fallback: where it left and where it failed for good, oldest first; its latest acceptance. Such a
-- row has state 3 (waiting) until its fallback is due, or is answered.
alter table message_open add column sent_on text[], add column failed_on text[], add column sent_at timestamptz,
  add column sent_provider_id text;
-- What the customer received and answered on which channel, of the last 90 days.
alter table contact add column engagement bytea;
-- Only of messages that failed or are unknown: what it takes to try them again.
alter table message add column plan bytea;
`;

const TABLES = `
-- Insert-only for whoever hears of an answer, applied under the contact's lock by the next claim: one row for each
-- message and kind, the latest.
create table contact_feedback (
  customer_id uuid,
  message_id uuid,
  kind text,
  at timestamptz not null,
  primary key (customer_id, message_id, kind)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

-- Delivery processes. Each holds a lock of its session as long as it lives: what a row names and nobody holds is gone.
create table delivery_worker (
  worker int primary key,
  since timestamptz not null default clock_timestamp()
);
`;

const MESSAGES_VIEW = `
create or replace view messages as
  select message_day(message_id) as day, message_id, customer_id, customer, rule, version, step, run, run_key, template,
         category, channel, priority, planned_at, sent_at as at,
         case when state in (1, 2) then 'sending' when held_for is not null then 'held' when sent_at is not null then 'waiting'
              else 'planned' end as outcome,
         held_for as reason, null::uuid as blocked_by, not_before, attempt, sent_provider_id as provider_id, detail, decision
    from message_open
  union all
  select day, message_id, customer_id, customer, rule, version, step, run, run_key, template, category, channel, priority,
         planned_at, at, outcome, reason, blocked_by, null, attempt, provider_id, detail, decision
    from message;
`;

const FORMER_VIEW = `
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
