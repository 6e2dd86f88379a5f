import type { Config } from '#config';
import type { Log } from '#engine';
import { beginStateVersion, fixStreamLayout, migrate, PostgresPool } from '#postgres';
import { ensureEmbeddedLog, ensureTopics } from '#streams';
import { DEAD_LETTERS_TOPIC, EVENTS_TOPIC } from './backbone.js';
import { kafkaConnection } from './kafka-connection.js';

/**
 * `kairos migrate`: tables, topics and the layout of the stream, made where they are missing. Running it again changes
 * nothing. Throws what the database or the brokers say, with the cure; StreamLayoutError for topics laid out otherwise.
 */
export async function prepareInstallation(config: Config, databaseUrl: string, log: Log): Promise<void> {
  await migrate(databaseUrl);
  if (config.kafka === null) await ensureEmbeddedLog(databaseUrl, EVENTS_TOPIC, config.partitions);
  const pool = new PostgresPool({
    url: databaseUrl,
    applicationName: 'kairos-migrate',
    max: 1,
    log: (line) => log.warn(line),
  });
  try {
    if (config.kafka !== null) {
      const partitions = await fixStreamLayout(pool, EVENTS_TOPIC, config.partitions);
      const layouts = [EVENTS_TOPIC, DEAD_LETTERS_TOPIC].map((topic) => ({ topic, partitions }));
      await ensureTopics(kafkaConnection(config.kafka), layouts, log);
    }
    await beginStateVersion(pool, EVENTS_TOPIC);
  } finally {
    await pool.end();
  }
}
