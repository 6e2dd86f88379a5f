import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What becomes of the runs of rules that are removed is part of what was published. */
export class Publishing1764000000006 implements MigrationInterface {
  name = 'Publishing1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Removed rules whose runs do not go on; a rule that comes back is taken out again.
      alter table ruleset add column stopped text[] not null default '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table ruleset drop column stopped');
  }
}
