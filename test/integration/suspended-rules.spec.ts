import { customerIdOf, type Rulesets } from '#core';
import { replayRequest, type KeptDeadLetter } from '#engine';
import { PostgresDeadLetterBook, PostgresPool } from '#postgres';
import { useDatabase, waitUntil } from '#testkit';
import { compile, EngineUnderTest, sent } from './engine-under-test.js';

const REMINDER = `
rule: reminder
category: promotional
again: always
start: { event: Product Added, key: event.cart_id }
stop: { event: Order Completed }
steps: [ { wait: 1 second }, { send: hello } ]
`;
const THANKS = `
rule: thanks
category: promotional
again: always
start: { event: Product Added, key: event.cart_id }
steps: [ { wait: 1 second }, { send: hello } ]
`;
const clock = { at: (ms: number) => ms, now: () => Date.now() };

/** Whatever time brings about for a run of `reminder` throws, as a fault of the core would. */
function faulty(rulesets: Rulesets): Rulesets {
  return {
    ...rulesets,
    current: rulesets.current,
    rule(name, version) {
      const rule = rulesets.rule(name, version);
      if (name !== 'reminder' || rule === undefined) return rule;
      return Object.defineProperty({ ...rule }, 'steps', {
        get() {
          throw new TypeError('ann@shop.test is not what was expected');
        },
      });
    },
  };
}

describe('a rule that throws when a timer of it fires', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let book: PostgresDeadLetterBook;
  let broken: EngineUnderTest | undefined;

  beforeEach(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 2, log: () => undefined });
    book = new PostgresDeadLetterBook(pool, clock);
    await database.query('truncate dead_letter, customer_hold, customer_state, message_open, run_trace');
  });
  afterEach(async () => {
    await broken?.close();
    await pool.end();
  });

  const letters = async (count: number): Promise<readonly KeptDeadLetter[]> => {
    let found: readonly KeptDeadLetter[] = [];
    await waitUntil(`${count} dead letters`, async () => {
      found = (await book.list({ limit: 100, settled: true })).toReversed();
      return found.length === count;
    });
    return found;
  };
  const planned = async (): Promise<readonly string[]> => {
    const rows = await database.query<{ rule: string; customer: string }>(
      'select rule, customer from message_open order by rule, customer',
    );
    return rows.map(({ rule, customer }) => `${rule} ${customer}`);
  };
  const isPlanned = (messages: readonly string[]) =>
    waitUntil(messages.join(', '), async () => JSON.stringify(await planned()) === JSON.stringify(messages));
  const open = async (): Promise<{ engine: EngineUnderTest; mend: () => void }> => {
    const good = compile({ 'rules/reminder.yaml': REMINDER, 'rules/thanks.yaml': THANKS }, 1);
    const rulesets = [faulty(good)];
    broken = await EngineUnderTest.open(database, 1, rulesets);
    return { engine: broken, mend: () => (rulesets[0] = good) };
  };
  const added = (customer: string) => sent(customer, 'Product Added', { cart_id: `${customer}-1` });

  it('is suspended for that customer, and everything else goes on', async () => {
    const { engine } = await open();
    await engine.send(added('ann'), added('bob'));
    const running = await engine.engine();
    const found = await letters(2);
    expect(found.map(({ reason, held, replayable }) => ({ reason, held, replayable }))).toEqual([
      { reason: 'suspended', held: 0, replayable: true },
      { reason: 'suspended', held: 0, replayable: true },
    ]);
    expect(found[0]!.detail).toContain('rule reminder could not go on for this customer');
    await isPlanned(['thanks ann', 'thanks bob']);
    await engine.send(added('zoe'));
    await isPlanned(['thanks ann', 'thanks bob', 'thanks zoe']);
    expect(running.troubles.size).toBe(0);
  });

  it('stays suspended when another process takes the partition over', async () => {
    const { engine } = await open();
    await engine.send(added('ann'));
    const first = await engine.engine();
    await letters(1);
    await first.stop();
    await engine.engine();
    await engine.send(added('zoe'));
    await isPlanned(['thanks ann', 'thanks zoe']);
    expect(await letters(2)).toHaveLength(2);
  });

  it('goes on once by a replay when the fault is mended, unless it was stopped meanwhile', async () => {
    const { engine, mend } = await open();
    await engine.send(added('ann'), added('bob'));
    const first = await engine.engine();
    const found = await letters(2);
    await first.stop();
    mend();
    await engine.engine();
    await engine.send(sent('bob', 'Order Completed', { cart_id: 'bob-1' }));
    for (const letter of [...found, ...found]) await engine.send(replayRequest(letter));
    await isPlanned(['reminder ann', 'thanks ann', 'thanks bob']);
    await engine.send(added('zoe'));
    await isPlanned(['reminder ann', 'reminder zoe', 'thanks ann', 'thanks bob', 'thanks zoe']);
    expect(await letters(2)).toHaveLength(2);
  });

  it('comes back as another dead letter where nothing was mended', async () => {
    const { engine } = await open();
    await engine.send(added('ann'));
    await engine.engine();
    const [letter] = await letters(1);
    await engine.send(replayRequest(letter!));
    const again = await letters(2);
    expect(again[1]!.value).toEqual(letter!.value);
  });

  it('holds a customer whose state cannot be read, and no partition', async () => {
    const { engine, mend } = await open();
    mend();
    const ann = customerIdOf('ann');
    await engine.send(added('ann'));
    const first = await engine.engine();
    await waitUntil('her state', async () => {
      const rows = await database.query(`select 1 from customer_state where next_fire is not null`);
      return rows.length === 1;
    });
    await first.stop();
    await database.query('create table kept as select * from customer_state');
    await database.query(`update customer_state set state = '\\x63'`);
    const second = await engine.engine();
    await engine.send(added('zoe'));
    await isPlanned(['reminder zoe', 'thanks zoe']);
    const [letter] = await letters(1);
    expect(letter).toMatchObject({ reason: 'suspended', held: 1, replayable: true });
    await second.stop();
    await database.query(
      `update customer_state c set state = k.state from kept k where k.customer_id = c.customer_id and c.customer_id = '${ann}'`,
    );
    await engine.engine();
    await engine.send(replayRequest(letter!));
    await isPlanned(['reminder ann', 'reminder zoe', 'thanks ann', 'thanks zoe']);
  });
});
