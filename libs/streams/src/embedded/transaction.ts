import type { Pool, PoolClient } from 'pg';

/** Commits when `work` resolves. After a failure the connection is closed, which rolls back what may still be open. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withClient(pool, async (client) => {
    // Sent together with what follows; a failure shows in the statement that it makes impossible too.
    const begun = client.query('begin');
    const [result] = await Promise.all([work(client), begun]);
    await client.query('commit');
    return result;
  });
}

/** Lends a connection for statements that are sent without waiting for each other. */
export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // The pool listens only to connections that are not lent; unheard, a break would end the process.
  const ignore = () => undefined;
  client.on('error', ignore);
  try {
    const result = await work(client);
    client.off('error', ignore);
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
