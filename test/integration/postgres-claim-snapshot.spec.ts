import type { Clock } from '#engine';
import { fixStreamLayout, PostgresMessageLedger, PostgresPartitionStore, PostgresPool } from '#postgres';
import { useDatabase } from '#testkit';
import { atMost, EMPTY } from './ledger-decisions.js';
import { plannedMessage } from './planned-message.js';

const STREAM = 'kairos.events';
const realClock: Clock = { at: (realMs) => realMs, now: () => Date.now() };

describe('claims while the engine commits', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let ledger: PostgresMessageLedger;
  let store: PostgresPartitionStore;

  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 6, log: () => undefined });
    await fixStreamLayout(pool, STREAM, 24);
    ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock: realClock });
    store = new PostgresPartitionStore(pool, STREAM);
  });
  afterAll(() => pool.end());

  it('no decision sees a message with an older state than that it was planned with', async () => {
    const customers = Array.from({ length: 20 }, (_, n) => `known-${n}`);
    const older: string[] = [];
    let looks = 0;
    const decide = atMost(Infinity, ({ state, open }) => {
      looks++;
      const asOf = state === null ? -1 : Number(Buffer.from(state).toString());
      for (const { plan } of open) if (Number(plan.step) > asOf) older.push(`${plan.customer} ${plan.step} ${asOf}`);
    });
    let planning = true;
    const work = async (worker: number) => {
      let taken = 1;
      while (planning || taken > 0)
        taken = (await ledger.claim({ worker, limit: 50, leaseMs: 60_000 }, decide)).customers;
    };
    const workers = [1, 2, 3].map(work);
    let from = await store.takeOver(0, 'test');
    for (let round = 0; round < 60; round++) {
      const planned = customers.map((customer) => plannedMessage(customer, { step: `${round}` }));
      const states = planned.map(({ customerId }) => ({ customerId, nextFire: null, state: Buffer.from(`${round}`) }));
      const commit = { ...EMPTY, from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0, planned, states };
      const outcome = await store.commit(0, commit);
      if (outcome.kind === 'committed') from = outcome.position;
    }
    planning = false;
    await Promise.all(workers);
    expect(older).toEqual([]);
    expect(looks).toBeGreaterThan(customers.length);
    expect(await database.query('select count(*)::int as n from message_open where state = 1')).toEqual([
      { n: 60 * customers.length },
    ]);
  });
});
