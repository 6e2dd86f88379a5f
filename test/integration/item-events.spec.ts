import { customerIdOf } from '#core';
import { StoreError, type PartitionStore } from '#engine';
import { useDatabase, waitUntil } from '#testkit';
import { compile, EngineUnderTest, ofThing, sent } from './engine-under-test.js';

const rulesets = compile(
  {
    'events.yaml': 'items: { Updated: thing }\n',
    'segments.yaml': 'computed: { customer.wishes: { list: event.thing, of: Wished, until: Unwished } }\n',
    'rules/told.yaml':
      'rule: told\ncategory: promotional\nstart: { item event: Updated, in: customer.wishes }\nsteps: [{ send: hello }]\n',
  },
  1,
);
const CUSTOMERS = 1_300;
const PARTITIONS = 2;

/** Dies, as far as the database can see, with the n-th commit that moves or ends a job. */
function dyingAt(store: PartitionStore, jobCommit: number): PartitionStore {
  let [seen, isDead] = [0, false];
  const dead = (): never => {
    throw new StoreError('this process is dead', 'unreachable', true);
  };
  return new Proxy(store, {
    get: (target, name: keyof PartitionStore) => {
      const method = target[name].bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (isDead) dead();
        const { jobs } = (name === 'commit' ? args[1] : {}) as { jobs?: { open: unknown[]; done: unknown[] } };
        if (jobs !== undefined && jobs.open.length + jobs.done.length > 0 && ++seen >= jobCommit) {
          isDead = true;
          dead();
        }
        return method(...args);
      };
    },
  });
}

describe('an event about a thing that many watch', () => {
  const database = useDatabase();
  let shop: EngineUnderTest;
  beforeEach(async () => {
    shop = await EngineUnderTest.open(database, PARTITIONS, [rulesets]);
    await database.query('delete from message_open');
    await database.query('delete from item_watch');
    await database.query('delete from customer_state');
  });
  afterEach(() => shop.close());

  const messagesPlanned = async (): Promise<{ all: number; customers: number }> => {
    const { rows } = await shop.query(
      'select count(*)::int as all, count(distinct customer)::int as customers from message_open',
    );
    return rows[0] as { all: number; customers: number };
  };
  const watching = async (): Promise<number> =>
    (await shop.query('select count(*)::int as n from item_watch')).rows[0]!['n'] as number;

  it.each([[1], [2], [3]])(
    'reaches each of them once, where an engine dies with commit %i of its job and another goes on',
    async (commit) => {
      const first = await shop.engine({ store: dyingAt(shop.store, commit) });
      await shop.send(...Array.from({ length: CUSTOMERS }, (_, i) => sent(`c${i}`, 'Wished', { thing: 'lamp' })));
      await shop.send(sent('other', 'Wished', { thing: 'bowl' }), sent('c0', 'Unwished', { thing: 'lamp' }));
      await waitUntil('all wishes', async () => (await watching()) === CUSTOMERS);
      await shop.send(ofThing('Updated', { thing: 'lamp' }));
      await waitUntil('the end of the first engine', () => first.troubles.size > 0);
      await first.stop();
      expect((await messagesPlanned()).all).toBeLessThan(CUSTOMERS - 1);
      await shop.engine();
      await waitUntil('all messages', async () => (await messagesPlanned()).customers === CUSTOMERS - 1);
      await waitUntil('no open job', async () => (await shop.openJobs()) === 0);
      expect(await messagesPlanned()).toEqual({ all: CUSTOMERS - 1, customers: CUSTOMERS - 1 });
    },
  );

  it('reaches nobody any more whose list let go of it, and everybody who took it up meanwhile', async () => {
    await shop.engine();
    await shop.send(sent('ann', 'Wished', { thing: 'lamp' }), sent('ben', 'Wished', { thing: 'lamp' }));
    await waitUntil('two wishes', async () => (await watching()) === 2);
    await shop.send(sent('ann', 'Unwished', { thing: 'lamp' }), sent('cleo', 'Wished', { thing: 'lamp' }));
    const expected = ['ben', 'cleo'].map(customerIdOf).sort().join();
    await waitUntil('the rows of ben and cleo', async () => {
      const { rows } = await shop.query('select customer_id from item_watch order by customer_id');
      return rows.map((row) => row['customer_id']).join() === expected;
    });
    await shop.send(ofThing('Updated', { thing: 'lamp' }));
    await waitUntil('two messages', async () => (await messagesPlanned()).all === 2);
    const { rows } = await shop.query('select customer from message_open order by customer');
    expect(rows.map(({ customer }) => customer)).toEqual(['ben', 'cleo']);
  });
});
