import { customerIdOf, customerValues, decodeState } from '#core';
import { useDatabase, waitUntil } from '#testkit';
import { compile, EngineUnderTest, sent } from './engine-under-test.js';

const thanks = 'rule: thanks\ncategory: promotional\nstart: { event: Visited }\nsteps: [{ send: hello }]\n';
const first = compile({ 'rules/thanks.yaml': thanks }, 1);
const second = compile(
  {
    'rules/thanks.yaml': thanks,
    'segments.yaml':
      'computed: { customer.spent: { sum: event.total, of: Order Completed, where: { customer.tier: gold } } }\n',
    'rules/vip.yaml':
      'rule: vip\ncategory: promotional\nstart: { event: Visited }\nwho: { customer.spent: { at least: 100 } }\nsteps: [{ send: hello }]\n',
  },
  2,
);
const gold = (userId: string) => ({
  key: userId,
  value: Buffer.from(JSON.stringify({ type: 'identify', userId, traits: { tier: 'gold' } })),
});

describe('a computed attribute that is published while there is a history', () => {
  const database = useDatabase();
  let shop: EngineUnderTest;
  beforeEach(async () => {
    shop = await EngineUnderTest.open(database, 2, [first, second]);
  });
  afterEach(() => shop.close());

  const spentBy = async (customer: string): Promise<unknown> => {
    const { rows } = await shop.query('select state from customer_state where customer_id = $1', [
      customerIdOf(customer),
    ]);
    if (rows.length === 0) return undefined;
    return customerValues(second, decodeState(rows[0]!['state'] as Uint8Array), Date.now())['spent'];
  };
  const planned = async (): Promise<string[]> => {
    const { rows } = await shop.query('select customer, rule from message_open order by customer, rule');
    return rows.map(({ customer, rule }) => `${String(customer)} ${String(rule)}`);
  };

  it('is empty and starts nothing until it is filled, and then has what was there before anybody asked for it', async () => {
    await shop.engine();
    await shop.send(gold('ann'), gold('ben'), gold('old'));
    await shop.send(sent('ann', 'Order Completed', { total: 70 }), sent('ben', 'Order Completed', { total: 20 }));
    await shop.send(sent('old', 'Order Completed', { total: 500 }), sent('new', 'Order Completed', { total: 900 }));
    await shop.publish(2);
    await shop.send(sent('ann', 'Order Completed', { total: 50 }), sent('ann', 'Visited'));
    await waitUntil('the visit', async () => (await planned()).length > 0);
    // Nobody has written the history down yet: what counts on it waits.
    expect([await planned(), await shop.openJobs(), await spentBy('ann')]).toEqual([['ann thanks'], 2, 50]);
    await shop.recorder();
    await waitUntil('the end of filling', async () => (await shop.openJobs()) === 0);
    // What was not gold when it was bought does not count, as it would not have then.
    expect(await Promise.all(['ann', 'ben', 'old', 'new'].map(spentBy))).toEqual([120, 20, 500, undefined]);
    await shop.send(...['ann', 'ben', 'old', 'new'].map((customer) => sent(customer, 'Visited')));
    const expected = ['ann thanks', 'ann thanks', 'ann vip', 'ben thanks', 'new thanks', 'old thanks', 'old vip'];
    await waitUntil('all visits', async () => (await planned()).length === expected.length);
    expect(await planned()).toEqual(expected);
  });
});
