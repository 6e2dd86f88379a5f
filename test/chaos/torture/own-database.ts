import pg from 'pg';
import { migrate } from '#postgres';
import { startPostgres, type DatabaseForTests, type PostgresForTests } from '#testkit';

/** A server that only this test has, to be stopped and killed, with all tables. */
export class OwnDatabase implements DatabaseForTests {
  private constructor(
    readonly server: PostgresForTests,
    private readonly pool: pg.Pool,
  ) {}

  static async start(): Promise<OwnDatabase> {
    // Killed with its machine alive: what was written to a file is there, what waits in its memory is not.
    const server = await startPostgres({ synchronous_commit: 'on' });
    await migrate(server.url);
    const pool = new pg.Pool({ connectionString: server.url, max: 4 });
    pool.on('error', () => undefined);
    return new OwnDatabase(server, pool);
  }

  get url(): string {
    return this.server.url;
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, [...values])).rows;
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.server.stop();
  }
}
