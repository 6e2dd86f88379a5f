import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '#config';
import { findHeldPostgres, startEmbeddedPostgres } from '#postgres';
import { CommandError } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';

export interface Database {
  readonly url: string;
  /** Of the data folder; false: the server of DATABASE_URL. */
  readonly embedded: boolean;
  /** Some other process of Kairos is running on it. */
  readonly inUse: boolean;
  /** Stops an embedded server that was started for this command only. */
  close(): Promise<void>;
}

const nothingToClose = async (): Promise<void> => undefined;

/** The folder of the embedded server, as `kairos start` has it. */
export function embeddedFolder(config: Config): string {
  return join(config.data, 'postgres');
}

/**
 * The database of this installation for the time of a command: that of DATABASE_URL, the embedded server of a running
 * Kairos, or the embedded server started for the command.
 * @param make whether an embedded database that does not exist is made; a command that only reads has nothing to find there
 */
export async function openDatabase(terminal: Terminal, config: Config, make: boolean): Promise<Database> {
  if (config.databaseUrl !== null)
    return { url: config.databaseUrl, embedded: false, inUse: false, close: nothingToClose };
  const dataDir = embeddedFolder(config);
  const held = existsSync(dataDir) ? await findHeldPostgres(dataDir) : null;
  if (held !== null) return { url: held.url, embedded: true, inUse: true, close: nothingToClose };
  if (!make && !existsSync(join(dataDir, 'cluster'))) {
    throw new CommandError(
      `there is nothing in the data folder ${config.data} yet; start Kairos first (kairos start), or name its folder with KAIROS_DATA, or its database with DATABASE_URL`,
    );
  }
  const server = await startEmbeddedPostgres({ dataDir, log: (line) => terminal.err.line(line) });
  return { url: server.url, embedded: true, inUse: false, close: stopOnce(() => server.stop()) };
}

/** Ctrl-C in the middle of a command must not leave a server behind. */
function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | null = null;
  const once = (): Promise<void> => (stopped ??= stop());
  const interrupted = (signal: NodeJS.Signals): void => {
    void once().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  return async () => {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    await once();
  };
}
