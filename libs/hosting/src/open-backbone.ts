import { ConfigError, keptSecret, prepareDataFolder, type Config } from '#config';
import type { Clock, EventStream, Log } from '#engine';
import { Metrics } from '#observability';
import {
  OldMessages,
  pendingMigrations,
  PostgresContactBook,
  PostgresEventHistory,
  PostgresFeedbackBook,
  PostgresInboxBook,
  PostgresMessageLedger,
  PostgresPartitionStore,
  PostgresPool,
  PostgresProviderGate,
  PostgresRulesetStore,
  readStateVersion,
  readStreamLayout,
} from '#postgres';
import { EmbeddedEventStream, KafkaEventStream } from '#streams';
import { DEAD_LETTERS_TOPIC, ENGINE_GROUP, EVENTS_TOPIC, HISTORY_GROUP, type Backbone } from './backbone.js';
import { kafkaConnection } from './kafka-connection.js';

export interface BackboneOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  /** Shown in the database's list of sessions: `collector`, `delivery`, … */
  readonly service: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Connections of one process to the database, without those of the embedded log. */
const CONNECTIONS = 16;
const WAIT_MS = 1_000;

/**
 * Connects one process to the installation. Waits as long as the tables are not there, since services do not migrate by
 * themselves. Throws ConfigError, StateVersionError, StoreError, StreamLayoutError.
 */
export async function openBackbone(options: BackboneOptions): Promise<Backbone> {
  const { config, databaseUrl, service, clock, log } = options;
  const metrics = new Metrics();
  await waitForMigrations(databaseUrl, log);
  const pool = new PostgresPool({
    url: databaseUrl,
    applicationName: `kairos-${service}`,
    max: CONNECTIONS,
    log: (line) => log.warn(line),
  });
  const partitions = await readStreamLayout(pool, EVENTS_TOPIC);
  if (partitions === null) throw new ConfigError([`the database holds no event stream yet; run: kairos migrate`]);
  const stateVersion = await readStateVersion(pool, EVENTS_TOPIC);
  const open = (name: string, group = ENGINE_GROUP): EventStream => openStream(name, group, partitions, options);
  let historyStream: EventStream | null = null;
  const stream = open(EVENTS_TOPIC);
  const deadLetters = config.kafka === null ? null : open(DEAD_LETTERS_TOPIC);
  return {
    config,
    clock,
    log,
    metrics,
    stream,
    deadLetters,
    partitions: new PostgresPartitionStore(pool, EVENTS_TOPIC),
    stateVersion,
    ledger: new PostgresMessageLedger(pool, { stream: EVENTS_TOPIC, clock }),
    rulesets: new PostgresRulesetStore(pool, EVENTS_TOPIC),
    history: new PostgresEventHistory(pool, EVENTS_TOPIC),
    inbox: new PostgresInboxBook(pool, { clock }),
    gate: new PostgresProviderGate(pool),
    oldMessages: new OldMessages(pool, config, log),
    historyStream: () => (historyStream ??= open(EVENTS_TOPIC, HISTORY_GROUP)),
    feedback: new PostgresFeedbackBook(pool, { stream: EVENTS_TOPIC, partitions }),
    contacts: new PostgresContactBook(pool, { clock, stream: EVENTS_TOPIC, partitions }),
    // Made up only when asked for: most commands need neither.
    get writeKey() {
      return config.writeKey ?? secretOf(config, 'write-key', 'wk_');
    },
    get secret() {
      return config.secret ?? secretOf(config, 'secret');
    },
    close: async () => {
      await Promise.all([stream.close(), deadLetters?.close(), historyStream?.close()]);
      await pool.end();
    },
  };
}

function openStream(
  name: string,
  group: string,
  partitions: number,
  { config, databaseUrl, clock, log }: BackboneOptions,
): EventStream {
  const base = { name, group, partitions, clock, log };
  return config.kafka === null
    ? new EmbeddedEventStream({ ...base, connectionString: databaseUrl })
    : new KafkaEventStream({ ...base, connection: kafkaConnection(config.kafka) });
}

async function waitForMigrations(databaseUrl: string, log: Log): Promise<void> {
  for (let waited = 0; ; waited++) {
    const pending = await pendingMigrations(databaseUrl);
    if (pending.length === 0) return;
    if (waited % 30 === 0)
      log.warn('the database is waiting to be set up: run `kairos migrate`', { migrations: pending.length });
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

/** Generated once and kept in the data folder, where only processes of this machine find it. */
function secretOf({ data }: Config, name: string, prefix?: string): string {
  prepareDataFolder(data);
  return keptSecret(data, name, prefix);
}
