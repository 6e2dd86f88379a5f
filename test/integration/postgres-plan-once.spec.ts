import type { Clock } from '#engine';
import { fixStreamLayout, PostgresMessageLedger, PostgresPartitionStore, PostgresPool } from '#postgres';
import { useDatabase } from '#testkit';
import { atMost, EMPTY } from './ledger-decisions.js';
import { plannedMessage } from './planned-message.js';

const STREAM = 'kairos.events';
const realClock: Clock = { at: (realMs) => realMs, now: () => Date.now() };

describe('planning, in PostgreSQL', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let ledger: PostgresMessageLedger;
  let store: PostgresPartitionStore;

  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 4, log: () => undefined });
    await fixStreamLayout(pool, STREAM, 24);
    ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock: realClock });
    store = new PostgresPartitionStore(pool, STREAM);
  });
  afterAll(() => pool.end());

  const plan = async (...planned: ReturnType<typeof plannedMessage>[]) => {
    const from = await store.takeOver(0, 'test');
    await store.commit(0, { ...EMPTY, from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0, planned });
    return planned.map(({ message }) => message);
  };
  const claim = (decide = atMost(Infinity)) => ledger.claim({ worker: 1, limit: 500, leaseMs: 60_000 }, decide);
  const one = async (messageId: string) => (await ledger.decision(messageId))!.listing;

  it('plans a message once, also when it has long been sent or suppressed', async () => {
    const twice = plannedMessage('ann');
    const [message] = await plan(twice);
    await plan(twice);
    expect((await claim()).reserved).toHaveLength(1);
    await ledger.permit(1, [message!.id], 5_000);
    await ledger.close(1, [{ kind: 'sent', messageId: message!.id, providerId: null, detail: '250 ok' }], []);
    const withheld = plannedMessage('ben');
    await plan(withheld);
    await claim(atMost(0));

    // A log that is read anew from its beginning decides what it decided before.
    await plan(twice, withheld);
    expect(await database.query('select 1 from message_open')).toEqual([]);
    expect(await one(message!.id)).toMatchObject({ outcome: 'sent' });
    expect(await one(withheld.message.id)).toMatchObject({ outcome: 'suppressed' });
  });
});
