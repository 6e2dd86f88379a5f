import pg from 'pg';
import { DataSource, MigrationExecutor } from 'typeorm';
import { explainConnectError } from '../connect/postgres-unreachable-error.js';
import { PostgresVersionError } from '../connect/postgres-version-error.js';
import { EngineTables1764000000001 } from './migrations/0001-engine-tables.js';
import { DeliveryTables1764000000002 } from './migrations/0002-delivery-tables.js';
import { RulesetsAndKeys1764000000003 } from './migrations/0003-rulesets-and-keys.js';
import { EmbeddedLog1764000000004 } from './migrations/0004-embedded-log.js';
import { DayPartitions1764000000005 } from './migrations/0005-day-partitions.js';
import { EventHistory1764000000007 } from './migrations/0007-event-history.js';
import { PartitionJobs1764000000008 } from './migrations/0008-partition-jobs.js';
import { ExistingStarts1764000000012 } from './migrations/0012-existing-starts.js';
import { Erasure1764000000017 } from './migrations/0017-erasure.js';
import { DeadLetters1764000000016 } from './migrations/0016-dead-letters.js';
import { SuspendedTimers1764000000018 } from './migrations/0018-suspended-timers.js';
import { ProviderIds1764000000019 } from './migrations/0019-provider-ids.js';
import { StateVersion1764000000020 } from './migrations/0020-state-version.js';
import { HeardItems1764000000014 } from './migrations/0014-heard-items.js';
import { OldRows1764000000015 } from './migrations/0015-old-rows.js';
import { FallbacksAndReplays1764000000011 } from './migrations/0011-fallbacks-and-replays.js';
import { ContactMerges1764000000013 } from './migrations/0013-contact-merges.js';
import { Channels1764000000009 } from './migrations/0009-channels.js';
import { Publishing1764000000006 } from './migrations/0006-publishing.js';

/** In the order in which they run; TypeORM sorts by the number in the name. */
export const MIGRATIONS = [
  EngineTables1764000000001,
  DeliveryTables1764000000002,
  RulesetsAndKeys1764000000003,
  EmbeddedLog1764000000004,
  DayPartitions1764000000005,
  Publishing1764000000006,
  EventHistory1764000000007,
  PartitionJobs1764000000008,
  Channels1764000000009,
  FallbacksAndReplays1764000000011,
  ExistingStarts1764000000012,
  ContactMerges1764000000013,
  HeardItems1764000000014,
  OldRows1764000000015,
  DeadLetters1764000000016,
  Erasure1764000000017,
  SuspendedTimers1764000000018,
  ProviderIds1764000000019,
  StateVersion1764000000020,
];

const MIGRATIONS_TABLE = 'kairos_migration';

/** Any number, as long as every Kairos takes the same. */
const MIGRATION_LOCK = 7_216_305_041;

const OLDEST_MAJOR = 14;

/**
 * Brings the database at `url` to the tables of this Kairos; does nothing when they are there. Safe to call from
 * several processes at once: one works, the others wait. All pending migrations stand or fall together.
 * Throws `PostgresUnreachableError`, or `PostgresVersionError` for a server older than 14.
 */
export async function migrate(url: string): Promise<void> {
  await assertSupported(url);
  const source = await new DataSource({
    type: 'postgres',
    url,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    synchronize: false,
    logging: false,
    applicationName: 'kairos migrate',
    poolSize: 2,
  }).initialize();
  const runner = source.createQueryRunner();
  try {
    // The session that migrates holds the lock itself: were it lost, its transaction would be too.
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'all';
    await executor.executePendingMigrations();
    await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await runner.release();
    await source.destroy();
  }
}

/** Names of the migrations that the database at `url` still lacks, in order; empty when it is up to date. */
export async function pendingMigrations(url: string): Promise<readonly string[]> {
  const client = await connectOnce(url);
  try {
    const table = await client.query('select to_regclass($1) as there', [MIGRATIONS_TABLE]);
    if (table.rows[0].there === null) return MIGRATIONS.map((migration) => migration.name);
    const done = await client.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE}`);
    const names = new Set(done.rows.map((row) => row.name));
    return MIGRATIONS.map((migration) => migration.name).filter((name) => !names.has(name));
  } finally {
    await client.end();
  }
}

async function assertSupported(url: string): Promise<void> {
  const client = await connectOnce(url);
  try {
    const result = await client.query<{ number: number; text: string }>(
      `select current_setting('server_version_num')::int as number, current_setting('server_version') as text`,
    );
    const version = result.rows[0]!;
    if (version.number < OLDEST_MAJOR * 10_000) throw new PostgresVersionError(version.text, OLDEST_MAJOR);
  } finally {
    await client.end();
  }
}

async function connectOnce(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'kairos migrate',
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw explainConnectError(url, error);
  }
}
