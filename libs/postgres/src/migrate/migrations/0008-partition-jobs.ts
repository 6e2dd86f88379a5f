import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a partition does to many of its customers, and which of them watch a thing (engine.md, "For all customers of"). */
export class PartitionJobs1764000000008 implements MigrationInterface {
  name = 'PartitionJobs1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PARTITION_JOBS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table partition_job, item_watch;
      drop index event_history_by_partition;
    `);
  }
}

const PARTITION_JOBS = `
-- Named by the offset of the record that opened it; the cursor moves with the states that were written.
create table partition_job (
  stream text,
  partition smallint,
  log_offset bigint,
  log_time bigint not null,
  cursor uuid not null,
  task json not null,
  primary key (stream, partition, log_offset)
) with (fillfactor = 50);

-- Things as fingerprints: two that share one cost a look in vain, and ids may be of any length.
create table item_watch (
  partition smallint,
  thing bigint,
  customer_id uuid,
  primary key (partition, thing, customer_id)
) with (autovacuum_vacuum_scale_factor = 0.05);

-- Filling goes through a partition's customers in the order of their ids.
create index event_history_by_partition on event_history (partition, customer_id, log_offset);

-- Customers who put things on lists before anybody watched them: the ruleset in force meets everybody once more.
insert into partition_job (stream, partition, log_offset, log_time, cursor, task)
select stream, partition, next_offset - 1, log_time, '00000000-0000-0000-0000-000000000000',
       json_build_object('kind', 'ruleset', 'from', ruleset, 'listsAnew', true)
  from stream_partition where ruleset <> 0;
`;
