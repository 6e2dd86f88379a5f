import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Old rows of tables that are not partitioned are found by their time. Summaries of blocks: they cost writers nothing. */
export class OldRows1764000000015 implements MigrationInterface {
  name = 'OldRows1764000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index inbox_message_by_time on inbox_message using brin (at);
      create index contact_feedback_by_time on contact_feedback using brin (at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index inbox_message_by_time, contact_feedback_by_time');
  }
}
