import { prepareInstallation } from '#hosting';
import { describeServer, pendingMigrations } from '#postgres';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { commandSettings } from './command-settings.js';
import { openDatabase } from './open-database.js';
import { commandLog } from './with-installation.js';

/** `kairos migrate`: creates and upgrades tables and topics. */
export async function migrate(terminal: Terminal): Promise<ExitStatus> {
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
  } finally {
    await database.close();
  }
  return EXIT.fine;
}
