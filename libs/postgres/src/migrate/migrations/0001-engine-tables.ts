import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the owners of partitions write: fence, state, outbox, dead letters, trace (engine.md). */
export class EngineTables1764000000001 implements MigrationInterface {
  name = 'EngineTables1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ENGINE_TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table run_trace, dead_letter, stream_outbox, customer_state, stream_partition, stream_layout;
      drop sequence stream_outbox_n;
    `);
  }
}

const ENGINE_TABLES = `
create table stream_layout (
  stream text primary key,
  partitions smallint not null check (partitions > 0),
  created_at timestamptz not null default clock_timestamp()
);

-- One row a partition, updated by every commit: a page of its own worth of room keeps all of its versions HOT.
create table stream_partition (
  stream text,
  partition smallint,
  epoch bigint not null default 0,
  seq bigint not null default 0,
  next_offset bigint not null default 0,
  log_time bigint not null default 0,
  fired_through bigint not null default 0,
  ruleset bigint not null default 0,
  owner text,
  taken_at timestamptz,
  primary key (stream, partition)
) with (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- Neither next_fire nor state is indexed, so that updates stay HOT; timers are read once, at take-over.
create table customer_state (
  partition smallint,
  customer_id uuid,
  next_fire bigint,
  state bytea not null,
  primary key (partition, customer_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
-- Already compact: compressing again costs time and gains nothing.
alter table customer_state alter column state set storage external;

-- json and not jsonb, here and below: jsonb refuses what a producer may well send (\\u0000, half a surrogate pair).
-- Rows of delivery, which owns no partition, have seq 0 and n of the sequence.
create sequence stream_outbox_n;
create table stream_outbox (
  stream text,
  partition smallint,
  seq bigint,
  n bigint,
  record_id text not null,
  target_key bytea,
  target_partition smallint,
  value bytea not null,
  headers json not null,
  hops smallint not null,
  primary key (stream, partition, seq, n),
  check ((target_key is null) <> (target_partition is null))
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create table dead_letter (
  id bigint generated always as identity primary key,
  stream text not null,
  partition smallint not null,
  log_offset bigint not null,
  at timestamptz not null default clock_timestamp(),
  reason text not null,
  detail text not null,
  key bytea,
  value bytea,
  headers json,
  unique (stream, partition, log_offset, reason)
);

-- What runs did, for "why": the day is that of the log time, written in the batch's own transaction.
create table run_trace (
  day date not null,
  at timestamptz not null,
  customer_id uuid not null,
  partition smallint not null,
  seq bigint not null,
  n int not null,
  rule text not null,
  kind text not null,
  entry bytea not null
) partition by range (day);
create index on run_trace (customer_id, at desc);
`;
