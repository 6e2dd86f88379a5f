import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { SERVER_START_LIMIT_MS, testServer } from './test-server.js';

export interface DatabaseForTests {
  /** URL of a database that only this file has. To be read in hooks and tests. */
  readonly url: string;
  /** For looking into it. The connections are closed at the end. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

interface Server {
  readonly url: string;
  readonly prefix: string;
}

/**
 * A database of its own for the tests declared here, dropped afterwards. The server is that of DATABASE_URL, else an embedded one shared by
 * the whole test run. The database has all tables: it is a copy of one that `migrate` made once in this run; `tables: false` is an empty one.
 */
export function useDatabase({ tables = true }: { tables?: boolean } = {}): DatabaseForTests {
  let made: { url: string; pool: pg.Pool } | undefined;
  const there = (): { url: string; pool: pg.Pool } => {
    if (made === undefined) throw new Error('The database is there from beforeAll on.');
    return made;
  };
  beforeAll(async () => {
    const url = await createDatabase(await testServer<Server>('postgres'), tables);
    made = { url, pool: new pg.Pool({ connectionString: url, max: 4 }) };
    // Tests cut connections; the pool reports those that were idle here, and without a listener the process would end.
    made.pool.on('error', () => undefined);
  }, SERVER_START_LIMIT_MS);
  afterAll(async () => {
    if (made === undefined) return;
    await made.pool.end();
    await dropDatabase((await testServer<Server>('postgres')).url, made.url);
  });
  return {
    get url() {
      return there().url;
    },
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await there().pool.query<Row>(text, [...values])).rows,
  };
}

async function createDatabase(server: Server, tables: boolean): Promise<string> {
  const name = `${server.prefix}_${randomBytes(4).toString('hex')}`;
  await withClient(server.url, async (client) => {
    const template = tables ? await ensureTemplate(client, server) : 'template0';
    await client.query(
      `create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)}`,
    );
  });
  return urlOf(server, name);
}

/** Makes the database with the tables unless another test file did. It gets its name last, so under that name it is complete. */
async function ensureTemplate(client: pg.Client, server: Server): Promise<string> {
  const template = `${server.prefix}_template`;
  const exists = async (): Promise<boolean> =>
    (await client.query('select from pg_database where datname = $1', [template])).rowCount === 1;
  if (await exists()) return template;
  await client.query('select pg_advisory_lock(hashtext($1))', [template]);
  try {
    if (await exists()) return template;
    const unfinished = `${template}_${randomBytes(4).toString('hex')}`;
    await client.query(`create database ${client.escapeIdentifier(unfinished)} template template0`);
    const { migrate } = await import('#postgres');
    await migrate(urlOf(server, unfinished));
    await client.query(
      `alter database ${client.escapeIdentifier(unfinished)} rename to ${client.escapeIdentifier(template)}`,
    );
    return template;
  } finally {
    await client.query('select pg_advisory_unlock(hashtext($1))', [template]);
  }
}

async function dropDatabase(serverUrl: string, url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await withClient(serverUrl, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  );
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(server: Server, database: string): string {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return url.href;
}
