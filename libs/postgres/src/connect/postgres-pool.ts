import type { Socket } from 'node:net';
import pg from 'pg';
import { explainConnectError } from './postgres-unreachable-error.js';
import { asStoreError } from './store-error.js';

/** A statement with a name is prepared once a connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

export type Parameter = string | number | boolean | Buffer | null;

export interface Rows<Row> {
  readonly rows: Row[];
  readonly count: number;
}

export type PreparedCall = readonly [statement: Statement, parameters: readonly Parameter[]];

/** One connection inside one transaction. What is sent without waiting in between travels together. */
export interface Session {
  run<Row = Record<string, unknown>>(statement: Statement, parameters?: readonly Parameter[]): Promise<Rows<Row>>;
}

/** One connection outside of all transactions, open until `end`. */
export interface HeldConnection extends Session {
  end(): Promise<void>;
}

export interface PoolOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Connections at most. */
  readonly max: number;
  readonly log: (line: string) => void;
}

/**
 * A session that stops in the middle of a transaction (a stopped zombie) loses its locks after 5 s; no statement holds
 * anything for longer than 30 s.
 */
const SESSION = 'set idle_in_transaction_session_timeout = 5000; set statement_timeout = 30000; set timezone = UTC';

const BEGIN: Statement = { text: 'begin' };
const COMMIT: Statement = { text: 'commit' };

/** A little more than the server's own limit: for a server that does not answer at all any more. */
const ANSWER_MS = 35_000;

/**
 * Connections to one database. Throws `PostgresUnreachableError` where none can be made, `StoreError` for everything
 * else; a connection on which anything failed is closed and not used again.
 */
export class PostgresPool {
  private readonly pool: pg.Pool;

  constructor(private readonly options: PoolOptions) {
    this.pool = new pg.Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.max,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 300_000,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      types: { getTypeParser },
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for it, its types do not say so
      onConnect: prepareSession,
      // Statements of a transaction go out without waiting for the answer to the one before.
      pipeline: true,
    });
    // An idle connection that breaks (the server restarted) is replaced by the next request; unheard it would end the process.
    this.pool.on('error', (error) => options.log(`an idle connection to PostgreSQL broke: ${error.message}`));
  }

  async run<Row = Record<string, unknown>>(
    statement: Statement,
    parameters: readonly Parameter[] = [],
  ): Promise<Rows<Row>> {
    return this.withClient((client) => send<Row>(client, statement, parameters));
  }

  /** Commits when `work` resolves, rolls back when it rejects. `work` may read, wait and write. */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.withClient(async (client) => {
      const session: Session = { run: (statement, parameters = []) => send(client, statement, parameters) };
      const begun = send(client, BEGIN, []);
      const [result] = await Promise.all([work(session), begun]);
      await send(client, COMMIT, []);
      return result;
    });
  }

  /** Sends a whole transaction at once and waits for all answers; the first failure rejects and nothing stands. */
  async transactionAtOnce(statements: readonly PreparedCall[]): Promise<readonly Rows<unknown>[]> {
    return this.withClient(async (client) => {
      const calls: PreparedCall[] = [[BEGIN, []], ...statements, [COMMIT, []]];
      const answers = await inOneWrite(client, () =>
        Promise.all(calls.map(([statement, parameters]) => send(client, statement, parameters))),
      );
      return answers.slice(1, -1);
    });
  }

  /** A connection of its own, for what lasts as long as its session. `onLost`: it broke; nothing holds any more. */
  async hold(onLost: () => void): Promise<HeldConnection> {
    const { url, applicationName } = this.options;
    const client = new pg.Client({ connectionString: url, application_name: applicationName, keepAlive: true });
    let over = false;
    const lost = (): void => {
      if (!over) onLost();
      over = true;
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
    } catch (error) {
      over = true;
      throw explainConnectError(url, error);
    }
    return {
      run: (statement, parameters = []) => send(client, statement, parameters),
      end: async () => {
        over = true;
        await client.end();
      },
    };
  }

  async end(): Promise<void> {
    await this.pool.end();
  }

  private async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw explainConnectError(this.options.url, error);
    }
    // While it is lent the pool does not listen; a break then rejects what is under way.
    const onError = () => undefined;
    client.on('error', onError);
    try {
      const result = await work(client);
      client.off('error', onError);
      client.release();
      return result;
    } catch (error) {
      // Closing rolls back. It is not kept: statements that failed to be prepared would be taken for prepared.
      client.release(true);
      throw error;
    }
  }
}

/**
 * What is sent leaves in one system call, not in one a statement: each would wake the server up. pg does the same for
 * the messages of a single statement; its types leave the connection out.
 */
function inOneWrite<T>(client: pg.PoolClient, work: () => T): T {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  stream.cork();
  try {
    return work();
  } finally {
    stream.uncork();
  }
}

async function send<Row>(
  client: pg.ClientBase,
  statement: Statement,
  parameters: readonly Parameter[],
): Promise<Rows<Row>> {
  try {
    const result = await client.query({ ...statement, values: parameters as Parameter[] });
    return { rows: result.rows as Row[], count: result.rowCount ?? 0 };
  } catch (error) {
    throw asStoreError(statement.name ?? statement.text.trim().slice(0, 60), error);
  }
}

async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(SESSION);
  // Notices a client that is gone in the middle of a statement; only on systems that can tell.
  await client.query('set client_connection_check_interval = 5000').catch(() => undefined);
}

const INT8 = 20;

/** bigint as number: offsets, sequences and ms stay far below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  return pg.types.getTypeParser(oid, format);
}
