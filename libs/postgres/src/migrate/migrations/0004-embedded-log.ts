import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables of the embedded event log; the statements that append and read are those of libs/streams. */
export class EmbeddedLog1764000000004 implements MigrationInterface {
  name = 'EmbeddedLog1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EMBEDDED_LOG);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table log_assignment, log_member, log, log_partition`);
  }
}

const EMBEDDED_LOG = `
-- The row lock of an append makes offsets gap-free in commit order and time monotone.
create table log_partition (
  stream text,
  partition smallint,
  next_offset bigint not null default 0,
  last_time bigint not null default 0,
  -- First offset still kept; raised in the transaction that drops old days.
  start_offset bigint not null default 0,
  primary key (stream, partition)
) with (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

create table log (
  day date not null,
  stream text not null,
  partition smallint not null,
  log_offset bigint not null,
  append_time bigint not null,
  key bytea,
  value bytea,
  headers json,
  primary key (stream, partition, log_offset, day)
) partition by range (day);

-- Who reads: a member keeps its lease by its heartbeat; assignments name one member a partition.
create table log_member (
  stream text,
  member_group text,
  member_id uuid,
  generation bigint not null default 0,
  joined_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  primary key (stream, member_group, member_id)
) with (fillfactor = 40);
create table log_assignment (
  stream text,
  member_group text,
  partition smallint,
  member_id uuid,
  generation bigint not null default 0,
  assigned_at timestamptz,
  primary key (stream, member_group, partition)
) with (fillfactor = 40);
`;
