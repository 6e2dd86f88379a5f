import { join, resolve } from 'node:path';
import pg from 'pg';
import { SUPERUSER } from './cluster.js';
import { recall } from './connection-file.js';
import { holderOf, urlOf } from './hold-database.js';
import { readPostmaster, whoIs } from './postmaster.js';

export interface HeldPostgres {
  /** With the password: not for logs. */
  readonly url: string;
  /** `kairos process 4711` */
  readonly holder: string;
}

/**
 * The embedded server of this folder while a living Kairos uses it: a second process may connect, and leaves starting
 * and stopping to that one. null when it is not running, or runs for nobody since its Kairos was killed: then
 * `startEmbeddedPostgres` is right. Changes nothing. Throws `EmbeddedPostgresError` where the folder cannot be read.
 */
export async function findHeldPostgres(dataDir: string): Promise<HeldPostgres | null> {
  const folder = resolve(dataDir);
  const remembered = await recall(folder);
  const postmaster = await readPostmaster(join(folder, 'cluster'));
  if (remembered === null || postmaster?.status !== 'ready' || (await whoIs(postmaster.pid)) !== 'postgres')
    return null;
  const login = { port: postmaster.port, user: SUPERUSER, password: remembered.password };
  const holder = await askHolder(login);
  return holder === null ? null : { url: urlOf(login), holder };
}

async function askHolder(login: { port: number; user: string; password: string }): Promise<string | null> {
  const client = new pg.Client({ ...login, host: '127.0.0.1', database: 'postgres', connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await holderOf(client);
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}
