import { customerIdOf } from '#core';
import { replayRequest, type KeptDeadLetter } from '#engine';
import { PostgresDeadLetterBook, PostgresPool } from '#postgres';
import { useDatabase, waitUntil } from '#testkit';
import { compile, EngineUnderTest, sent } from './engine-under-test.js';

const CARE = `
rule: care
category: promotional
again: always
start: { event: Order Completed, key: event.order_id }
steps: [ { wait: 1 hour }, { send: hello } ]
`;
const clock = { at: (ms: number) => ms, now: () => Date.now() };

describe('dead letters that are replayed', () => {
  const database = useDatabase();
  let engine: EngineUnderTest;
  let pool: PostgresPool;
  let book: PostgresDeadLetterBook;

  beforeEach(async () => {
    engine = await EngineUnderTest.open(database, 1, [compile({ 'rules/care.yaml': CARE }, 1)]);
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 2, log: () => undefined });
    book = new PostgresDeadLetterBook(pool, clock);
    await database.query('truncate dead_letter, customer_hold, customer_state');
  });
  afterEach(async () => {
    await engine.close();
    await pool.end();
  });

  const letters = async (count: number): Promise<readonly KeptDeadLetter[]> => {
    let found: readonly KeptDeadLetter[] = [];
    await waitUntil(`${count} dead letters`, async () => {
      found = await book.list({ limit: 100, settled: true });
      return found.length === count;
    });
    return found;
  };
  const runsOf = async (customer: string): Promise<number> => {
    const { rows } = await engine.query(
      `select 1 from run_trace where kind = 'started' and customer_id = '${customerIdOf(customer)}'`,
    );
    return rows.length;
  };
  const replay = async (letter: KeptDeadLetter): Promise<void> => engine.send(replayRequest(letter));

  it('come as what they are once what was in their way is gone, and only once, however often they come', async () => {
    // A state that no version can read: whatever happens to her cannot be applied.
    await engine.query(
      `insert into customer_state (partition, customer_id, state) values (0, '${customerIdOf('ann')}', '\\x63')`,
    );
    await engine.send(
      sent('ann', 'Order Completed', { order_id: 'o1' }),
      sent('bob', 'Order Completed', { order_id: 'o2' }),
    );
    const running = await engine.engine();
    const [letter] = await letters(1);
    expect(letter).toMatchObject({ reason: 'poison', held: 1, replayable: true, resolution: null });
    await running.stop();
    await engine.query(`delete from customer_state where customer_id = '${customerIdOf('ann')}'`);
    await engine.engine();
    await replay(letter!);
    await replay(letter!);
    await engine.send(sent('zoe', 'Order Completed', { order_id: 'o3' }));
    await waitUntil('all three', async () => (await runsOf('zoe')) === 1);
    expect([await runsOf('ann'), await runsOf('bob')]).toEqual([1, 1]);
    expect(await letters(1)).toHaveLength(1);
  });
});
