import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dead letters can be replayed or dropped, and a customer one of whose events is parked is held. */
export class DeadLetters1764000000016 implements MigrationInterface {
  name = 'DeadLetters1764000000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DEAD_LETTERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table customer_hold;
      alter table dead_letter drop replayable, drop resolution, drop resolved_at, drop resolved_by;
    `);
  }
}

const DEAD_LETTERS = `
alter table dead_letter
  add replayable boolean not null default true,
  -- replayed, dropped; null: nobody has looked at it yet
  add resolution text,
  add resolved_at timestamptz,
  add resolved_by text;
create index dead_letter_unresolved on dead_letter (id) where resolution is null;

-- Whose event is parked: what it should have stopped is not sent meanwhile.
create table customer_hold (
  customer_id uuid,
  stream text,
  partition smallint,
  log_offset bigint,
  held_until timestamptz not null,
  -- Where it was appended again: the hold ends when the engine has passed it.
  replayed_offset bigint,
  primary key (customer_id, stream, partition, log_offset)
);
create index customer_hold_letter on customer_hold (stream, partition, log_offset);
`;
