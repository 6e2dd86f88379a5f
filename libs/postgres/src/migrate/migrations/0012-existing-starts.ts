import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Starting those who are already inside a rule: who asked for it, and who is to be started yet. */
export class ExistingStarts1764000000012 implements MigrationInterface {
  name = 'ExistingStarts1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EXISTING_STARTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table start_request, start_list');
  }
}

const EXISTING_STARTS = `
create table start_request (
  id text primary key,
  rule text not null,
  per_hour int not null,
  -- How many were counted beforehand, by partition.
  counted int[] not null,
  ruleset bigint not null,
  asked_by text not null,
  asked_at timestamptz not null default clock_timestamp()
);

-- Of the job in partition_job that this offset names.
create table start_list (
  stream text,
  partition smallint,
  log_offset bigint,
  customer_id uuid,
  primary key (stream, partition, log_offset, customer_id)
);
`;
