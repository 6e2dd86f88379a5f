import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Timers of many customers may fail at one place of the log: each is a dead letter, and holds, of its own. */
export class SuspendedTimers1764000000018 implements MigrationInterface {
  name = 'SuspendedTimers1764000000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table dead_letter
        add about bigint not null default 0,
        drop constraint dead_letter_stream_partition_log_offset_reason_key,
        add constraint dead_letter_once unique (stream, partition, log_offset, reason, about);
      alter table customer_hold
        add about bigint not null default 0,
        drop constraint customer_hold_pkey,
        add primary key (customer_id, stream, partition, log_offset, about);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from dead_letter where about <> 0;
      delete from customer_hold where about <> 0;
      alter table dead_letter drop about,
        add constraint dead_letter_stream_partition_log_offset_reason_key unique (stream, partition, log_offset, reason);
      alter table customer_hold drop about, add primary key (customer_id, stream, partition, log_offset);
    `);
  }
}
