import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What all processes share of a provider, and the messages that customers read in the shop itself. */
export class Channels1764000000009 implements MigrationInterface {
  name = 'Channels1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANNELS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table provider_gate, inbox_message');
  }
}

const CHANNELS = `
-- One row a provider; ms of the database's real clock. Nothing is indexed that changes: every update is HOT.
create table provider_gate (
  provider text primary key,
  next_turn float8 not null default 0,
  paused_until float8 not null default 0,
  failures int not null default 0,
  open_until float8
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

create table inbox_message (
  customer_id uuid not null,
  message_id uuid not null,
  rule text not null,
  template text not null,
  category text not null,
  title text,
  text text not null,
  at timestamptz not null,
  read_at timestamptz,
  primary key (customer_id, message_id)
) with (fillfactor = 90);
-- A page of the newest, and what is unread, without read_at: reading stays HOT.
create index on inbox_message (customer_id, at desc, message_id);
`;
