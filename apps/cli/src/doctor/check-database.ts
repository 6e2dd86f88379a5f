import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '#config';
import { EVENTS_TOPIC } from '#hosting';
import {
  describeServer,
  findHeldPostgres,
  pendingMigrations,
  PostgresPool,
  PostgresProviderGate,
  PostgresRulesetStore,
  readStreamLayout,
} from '#postgres';
import { embeddedFolder } from '../installation/open-database.js';
import { checkDeadLetters } from './check-dead-letters.js';
import { checkProviders } from './check-providers.js';
import { fail, failed, ok, warn, type Check } from './check.js';

const CLOCK_WARN_MS = 2_000;
const CLOCK_FAIL_MS = 30_000;

/** Reachable, set up, of one mind with the settings and this machine's clock; nothing is started or changed. */
export async function checkDatabase(config: Config): Promise<readonly Check[]> {
  const name = 'database';
  try {
    if (config.databaseUrl !== null)
      return await checkServer(config, config.databaseUrl, describeServer(config.databaseUrl));
    const folder = embeddedFolder(config);
    if (!existsSync(join(folder, 'cluster'))) return [ok(name, 'an embedded PostgreSQL will be made by kairos start')];
    const held = await findHeldPostgres(folder);
    if (held === null)
      return [ok(name, `the embedded PostgreSQL in ${folder} is not running; commands start it when they need it`)];
    return await checkServer(config, held.url, `embedded, used by ${held.holder}`);
  } catch (error) {
    return [failed(name, error)];
  }
}

async function checkServer(config: Config, url: string, where: string): Promise<readonly Check[]> {
  const pending = await pendingMigrations(url);
  const pool = new PostgresPool({ url, applicationName: 'kairos-doctor', max: 1, log: () => undefined });
  try {
    const { rows } = await pool.run<{ version: string }>({
      text: `select current_setting('server_version') as version`,
    });
    const reached = ok('database', `PostgreSQL ${rows[0]!.version}, ${where}`);
    const clock = await checkClock(pool);
    if (pending.length > 0)
      return [reached, clock, fail('tables', `${pending.length} migrations are missing`, 'kairos migrate')];
    return [
      reached,
      clock,
      ok('tables', 'up to date'),
      await checkLayout(pool, config),
      await checkRuleset(pool),
      ...(await checkDeadLetters(pool)),
      ...checkProviders(await new PostgresProviderGate(pool).view()),
    ];
  } finally {
    await pool.end();
  }
}

/** The database's clock decides what is due; that of this machine when to look. */
async function checkClock(pool: PostgresPool): Promise<Check> {
  const before = Date.now();
  const { rows } = await pool.run<{ ms: number }>({
    text: `select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
  });
  const apart = Math.abs(rows[0]!.ms - (before + Date.now()) / 2);
  if (apart < CLOCK_WARN_MS)
    return ok('clock', `this machine and the database agree within ${Math.max(1, Math.round(apart))} ms`);
  const detail = `this machine and the database are ${(apart / 1000).toFixed(1)} s apart`;
  const cure = 'let both follow a time server (NTP)';
  return apart < CLOCK_FAIL_MS ? warn('clock', detail, cure) : fail('clock', detail, cure);
}

async function checkLayout(pool: PostgresPool, config: Config): Promise<Check> {
  const partitions = await readStreamLayout(pool, EVENTS_TOPIC);
  if (partitions === null) return fail('stream', 'the event stream is not set up', 'kairos migrate');
  const kind = config.kafka === null ? 'embedded event log' : 'Kafka';
  if (partitions === config.partitions) return ok('stream', `${EVENTS_TOPIC}, ${partitions} partitions, ${kind}`);
  return warn(
    'stream',
    `${EVENTS_TOPIC} was created with ${partitions} partitions; KAIROS_PARTITIONS says ${config.partitions} and is not used`,
    `set KAIROS_PARTITIONS=${partitions}, or leave it out`,
  );
}

async function checkRuleset(pool: PostgresPool): Promise<Check> {
  const latest = await new PostgresRulesetStore(pool, EVENTS_TOPIC).latest();
  if (latest === null) return warn('rules', 'none were published yet', 'kairos rules publish, or kairos start');
  return ok(
    'rules',
    `ruleset ${latest.number} of ${new Date(latest.publishedAt).toISOString()}, published by ${latest.publishedBy}`,
  );
}
