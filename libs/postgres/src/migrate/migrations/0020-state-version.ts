import type { MigrationInterface, QueryRunner } from 'typeorm';

/** In which version states are written: the one before until `kairos migrate --finish`, so that it can still be gone back to. */
export class StateVersion1764000000020 implements MigrationInterface {
  name = 'StateVersion1764000000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- null: nothing was written yet
      alter table stream_layout add column state_version smallint;
      update stream_layout set state_version = 3;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table stream_layout drop column state_version');
  }
}
