import { STATE_VERSION, STATE_VERSION_BEFORE, type StateVersion } from '#core';
import {
  beginStateVersion,
  finishStateVersion,
  fixStreamLayout,
  PostgresPool,
  readStateVersion,
  StateVersionError,
} from '#postgres';
import { useDatabase, waitUntil } from '#testkit';
import { compile, EngineUnderTest, sent } from './engine-under-test.js';

const SHOP = {
  'rules/cart.yaml': `
rule: cart
category: promotional
again: always
start: { event: Product Added, key: event.cart }
steps:
  - wait: { for: { event: Order Completed }, up to: 1 day }
  - send: hello
`,
};

describe('customers while a new version of Kairos is rolled out', () => {
  const database = useDatabase();
  let engine: EngineUnderTest;

  beforeAll(async () => {
    engine = await EngineUnderTest.open(database, 2, [compile(SHOP, 1)]);
  });
  afterAll(() => engine.close());

  const versions = async (): Promise<number[]> => {
    const { rows } = await engine.query('select distinct get_byte(state, 0) as version from customer_state order by 1');
    return rows.map((row) => (row as { version: number }).version);
  };
  const sentMessages = async (): Promise<number> => (await engine.query('select 1 from message_open')).rows.length;
  const work = async (stateVersion: StateVersion, step: () => Promise<void>): Promise<void> => {
    const running = await engine.engine({ stateVersion });
    await step();
    await running.stop();
  };

  it('are written so that the version before reads them, read by both, and by the new one alone in the end', async () => {
    const everybody = Array.from({ length: 20 }, (_, n) => `customer ${n}`);
    const event = (name: string, properties: { readonly [name: string]: string }) =>
      engine.send(...everybody.map((customer) => sent(customer, name, properties)));
    await work(STATE_VERSION_BEFORE, async () => {
      await event('Product Added', { cart: 'a' });
      await waitUntil('the carts', async () => (await versions()).length > 0);
    });
    await work(STATE_VERSION, async () => {
      await event('Product Added', { cart: 'b' });
      await waitUntil('all to be rewritten', async () => (await versions()).join() === String(STATE_VERSION));
    });
    // Gone back to before it was finished: the process of the version before, which reads both.
    await work(STATE_VERSION_BEFORE, async () => {
      await event('Order Completed', { order: '1' });
      await waitUntil('both carts of each', async () => (await sentMessages()) === 2 * everybody.length);
    });
    expect(await versions()).toEqual([STATE_VERSION_BEFORE]);
  });
});

describe('the version in which customers are written', () => {
  const database = useDatabase();
  let pool: PostgresPool;

  beforeAll(() => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 2, log: () => undefined });
  });
  afterEach(() => database.query('truncate stream_layout'));
  afterAll(() => pool.end());

  const laidOut = (version: number | null) =>
    database.query('insert into stream_layout (stream, partitions, state_version) values ($1, 4, $2)', ['s', version]);

  it("is this program's own where nothing was written yet", async () => {
    await fixStreamLayout(pool, 's', 4);
    await beginStateVersion(pool, 's');
    expect(await database.query('select state_version from stream_layout')).toEqual([{ state_version: STATE_VERSION }]);
  });

  it('stays that of the version before until it is finished', async () => {
    await laidOut(STATE_VERSION_BEFORE);
    await beginStateVersion(pool, 's');
    expect(await readStateVersion(pool, 's')).toBe(STATE_VERSION_BEFORE);
    expect(await finishStateVersion(pool, 's')).toBe(STATE_VERSION_BEFORE);
    expect(await readStateVersion(pool, 's')).toBe(STATE_VERSION);
    expect(await finishStateVersion(pool, 's')).toBe(STATE_VERSION);
  });

  it.each([
    [STATE_VERSION + 1, 'is older than one whose'],
    [STATE_VERSION_BEFORE - 1, 'run the version of Kairos in between first'],
  ])('%d is told to a program that cannot read it, with what to do', async (version, says) => {
    await laidOut(version);
    await expect(readStateVersion(pool, 's')).rejects.toThrow(StateVersionError);
    await expect(finishStateVersion(pool, 's')).rejects.toThrow(says);
  });
});
