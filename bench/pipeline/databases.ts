import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, startEmbeddedPostgres } from '#postgres';

/** The server of DATABASE_URL, or one of our own that is gone afterwards. */
export interface Databases {
  /** A new database with all tables; the one before it is dropped. */
  fresh(): Promise<string>;
  stop(): Promise<void>;
}

export async function openDatabases(): Promise<Databases> {
  const given = process.env['DATABASE_URL'];
  if (given) return databasesOn(given, async () => undefined);
  const dataDir = mkdtempSync(join(tmpdir(), 'kairos-bench-'));
  const server = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  return databasesOn(server.url, async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
}

async function databasesOn(serverUrl: string, stopServer: () => Promise<void>): Promise<Databases> {
  const prefix = `kairos_bench_${process.pid}`;
  const urlOf = (name: string): string => Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
  const template = `${prefix}_template`;
  const made = [template];
  await onServer(serverUrl, `create database ${template}`);
  await migrate(urlOf(template));
  const drop = async (name: string): Promise<void> =>
    onServer(serverUrl, `drop database if exists ${name} with (force)`);
  return {
    fresh: async () => {
      if (made.length > 2) await drop(made.splice(1, 1)[0]!);
      const name = `${prefix}_${made.length}_${Date.now()}`;
      await onServer(serverUrl, `create database ${name} template ${template}`);
      made.push(name);
      return urlOf(name);
    },
    stop: async () => {
      for (const name of made.reverse()) await drop(name);
      await stopServer();
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
