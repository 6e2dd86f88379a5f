import type { PostgresPool } from '../connect/postgres-pool.js';

const PAGE = 5_000;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/** Hands out every state row, encoded, in pages: for looks at all customers that may take a while. Throws StoreError. */
export async function visitStates(pool: PostgresPool, visit: (state: Uint8Array) => void): Promise<void> {
  let [partition, customerId] = [-1, LOWEST_ID];
  for (;;) {
    const { rows } = await pool.run<{ partition: number; customer_id: string; state: Buffer }>(
      {
        text: `select partition, customer_id, state from customer_state
                where (partition, customer_id) > ($1, $2) order by partition, customer_id limit $3`,
      },
      [partition, customerId, PAGE],
    );
    for (const { state } of rows) visit(state);
    if (rows.length < PAGE) return;
    const last = rows.at(-1)!;
    [partition, customerId] = [last.partition, last.customer_id];
  }
}
