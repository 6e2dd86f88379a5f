import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which events about things a partition has applied: copies of them come also after a take-over. */
export class HeardItems1764000000014 implements MigrationInterface {
  name = 'HeardItems1764000000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HEARD_ITEMS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table item_heard');
  }
}

const HEARD_ITEMS = `
create table item_heard (
  stream text,
  partition smallint,
  event_id text,
  -- Log time, ms: forgotten when it is a day behind the log.
  heard_at bigint not null,
  primary key (stream, partition, event_id)
);
create index item_heard_by_time on item_heard (stream, partition, heard_at);
`;
