import { STATE_VERSION } from '#core';
import { EVENTS_TOPIC, prepareInstallation } from '#hosting';
import { describeServer, finishStateVersion, pendingMigrations, PostgresPool, readStateVersion } from '#postgres';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { commandSettings } from './command-settings.js';
import { openDatabase } from './open-database.js';
import { commandLog } from './with-installation.js';

export interface MigrateOptions {
  readonly finish?: boolean;
}

/** `kairos migrate`: creates and upgrades tables and topics; `--finish`: and the version in which customers are written. */
export async function migrate(terminal: Terminal, { finish = false }: MigrateOptions): Promise<ExitStatus> {
  const config = commandSettings(terminal);
  const database = await openDatabase(terminal, config, true);
  try {
    const pending = await pendingMigrations(database.url);
    await prepareInstallation(config, database.url, commandLog(config));
    const where = database.embedded ? `the embedded database of ${config.data}` : describeServer(database.url);
    terminal.out.line(
      pending.length === 0 ? `the tables of ${where} were up to date` : `set up ${where}: ${pending.join(', ')}`,
    );
    if (config.kafka !== null) terminal.out.line(`the topics on ${config.kafka.brokers.join(', ')} are there`);
    await tellStateVersion(terminal, database.url, finish);
  } finally {
    await database.close();
  }
  return EXIT.fine;
}

async function tellStateVersion(terminal: Terminal, url: string, finish: boolean): Promise<void> {
  const pool = new PostgresPool({ url, applicationName: 'kairos-migrate', max: 1, log: terminal.err.line });
  try {
    const before = await (finish ? finishStateVersion : readStateVersion)(pool, EVENTS_TOPIC);
    if (before === STATE_VERSION) {
      if (finish) terminal.out.line(`nothing to finish: customers are written in version ${STATE_VERSION}`);
      return;
    }
    terminal.out.line(
      finish
        ? `customers are written in version ${STATE_VERSION} by every process that starts from now on; the version of Kairos before cannot read them`
        : `customers are still written in version ${before}, which the version of Kairos before reads, too; once every process runs this one and nothing is to be gone back to: kairos migrate --finish`,
    );
  } finally {
    await pool.end();
  }
}
