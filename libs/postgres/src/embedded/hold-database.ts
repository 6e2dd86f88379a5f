import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

export interface HoldRequest {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly folder: string;
  /** The server ended while it was held. */
  readonly onLost: () => void;
}

/** The one session that says: this process uses the folder. It ends with the process, however that ends. */
export interface Hold {
  /** URL of the database `kairos`. */
  readonly url: string;
  release(): Promise<void>;
}

const HOLD_LOCK = 7_216_305_042;
const DATABASE = 'kairos';
/** How long sessions of a killed process may take to vanish. */
const PATIENCE_MS = 3_000;

/**
 * Takes the folder's server for this process and makes the database `kairos` when it is not there. Throws
 * `EmbeddedPostgresError` (IN_USE) while another living Kairos has it, and what `pg` throws when it cannot connect.
 */
export async function holdDatabase(request: HoldRequest): Promise<Hold> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: request.port,
    user: request.user,
    password: request.password,
    database: 'postgres',
    application_name: `kairos process ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  let held = false;
  client.on('error', () => undefined);
  client.on('end', () => {
    if (held) request.onLost();
  });
  await client.connect();
  try {
    await takeLock(client, request.folder);
    await createDatabase(client);
  } catch (error) {
    await client.end();
    throw error;
  }
  held = true;
  // A script that forgets to stop the server must still be able to end; one that stops it waits for the answer.
  const socket = client as pg.Client & { ref(): void; unref(): void };
  socket.unref();
  return {
    url: urlOf(request),
    release: async () => {
      held = false;
      socket.ref();
      await client.end().catch(() => undefined);
    },
  };
}

async function takeLock(client: pg.Client, folder: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [HOLD_LOCK]);
    if (rows[0]!.taken) return;
    if (performance.now() > until) break;
    await pause(100);
  }
  throw new EmbeddedPostgresError(
    'embedded_postgres_in_use',
    `the data folder ${folder} is in use by another ${(await holderOf(client)) ?? 'kairos'}: stop that one, or set KAIROS_DATA to another folder`,
    { folder },
  );
}

/** Name of the session that holds the folder, `kairos process 4711`; null when nobody does. */
export async function holderOf(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ application_name: string }>(
    `select a.application_name from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32) + l.objid::bigint = $1`,
    [HOLD_LOCK],
  );
  return rows[0]?.application_name ?? null;
}

/** URL of the database `kairos` of an embedded server. */
export function urlOf({ port, user, password }: { port: number; user: string; password: string }): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`;
}

async function createDatabase(client: pg.Client): Promise<void> {
  const there = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
  if (there.rowCount === 0) await client.query(`create database ${DATABASE}`);
}
