import { StoreError, type MessageLedger } from '#engine';
import { SteppedClock } from '#hosting';
import { useDatabase, waitUntil } from '#testkit';
import { DeliveryUnderTest } from './delivery-under-test.js';

const SETTINGS = `
time zone: UTC
locale: en
channels: [email]
categories: { promotional: { consent: opt-out } }
`;
/** What this database can do within the time it gives a claim. */
const BEARABLE = 20;

describe('delivery on a machine that is too busy for its claims', () => {
  const database = useDatabase();

  it('claims fewer customers at a time, until everything has left', async () => {
    const delivery = await DeliveryUnderTest.start({
      databaseUrl: database.url,
      settings: SETTINGS,
      templates: { hello: ['email'] },
      clock: new SteppedClock(Date.parse('2026-03-02T12:00:00Z')),
    });
    const customers = Array.from({ length: 3 * BEARABLE }, (_, n) => `customer-${n}`);
    await delivery.plan(...customers.map((customer) => ({ customer, changes: { template: 'hello' } })));
    const busy = new Proxy(delivery.ledger, {
      get: (ledger, name: keyof MessageLedger) =>
        name !== 'claim'
          ? (ledger[name] as (...args: never[]) => unknown).bind(ledger)
          : (...[request, decide]: Parameters<MessageLedger['claim']>) =>
              request.limit > BEARABLE
                ? Promise.reject(new StoreError('idle-in-transaction timeout', 'store_unavailable', true))
                : ledger.claim(request, decide),
    });
    const worker = delivery.worker(1, busy);
    worker.start();
    try {
      await waitUntil('all of them', () => delivery.taken.length === customers.length);
    } finally {
      await worker.stop();
      await delivery.stop();
    }
  });
});
