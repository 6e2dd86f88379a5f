import { customerIdOf, type PlannedMessage } from '#core';
import type { DeadLetter } from '#engine';
import { SteppedClock } from '#hosting';
import { PostgresDeadLetterBook } from '#postgres';
import { useDatabase } from '#testkit';
import { DeliveryUnderTest, STREAM } from './delivery-under-test.js';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const MINUTE = 60_000;
const SETTINGS = `
time zone: UTC
locale: en
channels: [email]
categories: { promotional: { consent: opt-out }, order: { consent: none } }
`;
const LETTER: DeadLetter = {
  offset: 5,
  reason: 'poison',
  detail: 'a rule could not be evaluated on this event',
  key: Buffer.from('ann'),
  value: Buffer.from('{"type":"track","event":"Order Completed","userId":"ann"}'),
  headers: null,
  holds: [customerIdOf('ann')],
};

describe('a customer one of whose events is parked', () => {
  const database = useDatabase();
  let clock: SteppedClock;
  let delivery: DeliveryUnderTest;
  let book: PostgresDeadLetterBook;
  let letter: string;

  beforeEach(async () => {
    clock = new SteppedClock(NOON);
    await database.query(
      'truncate message_open, message_cancel, message, message_outcome, contact, contact_merge, dead_letter, customer_hold',
    );
    const templates = { hello: ['email'] as const };
    delivery = await DeliveryUnderTest.start({ databaseUrl: database.url, settings: SETTINGS, templates, clock });
    book = new PostgresDeadLetterBook(delivery.pool, clock);
    await delivery.commit({ deadLetters: [LETTER] });
    letter = (await book.list({ limit: 10 }))[0]!.id;
  });
  afterEach(() => delivery.stop());

  const plan = async (customer: string, changes: Partial<PlannedMessage> = {}) =>
    (await delivery.plan({ customer, changes: { template: 'hello', ...changes } }))[0]!;
  const deliver = async () => {
    await delivery.worker(1).deliverDue();
    return delivery.taken.map(({ customer, rule, id }) => ({ customer, rule, id }));
  };
  const customers = async () => (await deliver()).map(({ customer }) => customer);

  it('gets nothing that needs consent, but what she has ordered; others get everything', async () => {
    await plan('ann');
    await plan('bob');
    const order = await plan('ann', { category: 'order', key: 'order-1' });
    const taken = await deliver();
    expect(taken.map(({ customer }) => customer).sort()).toEqual(['ann', 'bob']);
    expect(taken.find(({ customer }) => customer === 'ann')!.id).toBe(order.id);
    expect((await book.find([letter]))[0]).toMatchObject({ held: 1, resolution: null, offset: 5 });
  });

  it('is told of by messages why', async () => {
    const message = await plan('ann');
    await deliver();
    expect(await delivery.ledger.decision(message.id)).toMatchObject({ deadLetter: letter, decision: null });
  });

  it('gets it within a minute when the event is dropped', async () => {
    await plan('ann');
    expect(await customers()).toEqual([]);
    expect(await book.drop([letter], 'olga')).toEqual([letter]);
    expect(await book.drop([letter], 'olga')).toEqual([]);
    await clock.stepTo(NOON + MINUTE);
    expect(await customers()).toEqual(['ann']);
  });

  it('waits on after a replay until the engine has passed the record, and what it stops by then is not sent', async () => {
    const message = await plan('ann');
    await book.noteReplayed(letter, 7, 'olga');
    await delivery.commit({ nextOffset: 7 });
    expect(await customers()).toEqual([]);
    await delivery.commit({ nextOffset: 8, cancelled: [{ messageId: message.id, reason: 'run_stopped', at: NOON }] });
    await clock.stepTo(NOON + MINUTE);
    expect(await customers()).toEqual([]);
    expect((await delivery.ledger.decision(message.id))!.listing).toMatchObject({
      outcome: 'suppressed',
      reason: 'run_stopped',
    });
  });

  it('is not held longer than a day', async () => {
    await plan('ann');
    await database.query(`update customer_hold set held_until = clock_timestamp() - interval '1 second'`);
    expect(await customers()).toEqual(['ann']);
  });

  it('is held under the id that her old one turned out to be', async () => {
    await delivery.commit({
      contactMerges: [{ from: customerIdOf('ann'), to: customerIdOf('zoe'), customer: 'zoe', time: NOON }],
    });
    await plan('zoe');
    expect(await customers()).toEqual([]);
  });

  it('is written down once, however often the record is read', async () => {
    await delivery.commit({ deadLetters: [LETTER] });
    const rows = await database.query(`select 1 from customer_hold where stream = '${STREAM}'`);
    expect(rows).toHaveLength(1);
  });
});
