import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Customer ids that are another customer's from now on: what delivery keeps of them is hers (engine.md, Identity). */
export class ContactMerges1764000000013 implements MigrationInterface {
  name = 'ContactMerges1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CONTACT_MERGE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table contact_merge`);
  }
}

const CONTACT_MERGE = `
-- Insert-only for the engine, which never takes a contact's lock; done by the next claim, under the locks of both. A row
-- stays: links in sent messages name the old id, and a message that was in flight comes back under it.
create table contact_merge (
  from_id uuid primary key,
  to_id uuid not null,
  -- Of to_id, whose state lies in the partition that wrote the row.
  customer text not null,
  partition smallint not null,
  -- Event time of what joined the two, ms.
  event_time bigint not null,
  applied boolean not null default false
) with (fillfactor = 80);
create index contact_merge_to on contact_merge (to_id);
`;
