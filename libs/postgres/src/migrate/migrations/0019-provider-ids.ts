import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What WhatsApp and Viber tell of a message names it as they did when they took it. */
export class ProviderIds1764000000019 implements MigrationInterface {
  name = 'ProviderIds1764000000019';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PROVIDER_IDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index message_provider_id, message_open_provider_id');
  }
}

const PROVIDER_IDS = `
create index message_provider_id on message (provider_id)
  where provider_id is not null and channel in ('whatsapp', 'viber');
create index message_open_provider_id on message_open (sent_provider_id) where sent_provider_id is not null;
`;
