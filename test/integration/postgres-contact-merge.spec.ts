import {
  customerIdOf,
  decodeConsents,
  decodeEngagement,
  decodeSlots,
  encodeEngagement,
  encodeState,
  EngagementRecord,
  newCustomerState,
  type ConsentPreferences,
} from '#core';
import { claimDecider, type ClaimedCustomer, type Clock, type PartitionCommit } from '#engine';
import {
  fixStreamLayout,
  PostgresContactBook,
  PostgresFeedbackBook,
  PostgresMessageLedger,
  PostgresPartitionStore,
  PostgresPool,
} from '#postgres';
import { useDatabase } from '#testkit';
import { atMost, EMPTY } from './ledger-decisions.js';
import { plannedMessage } from './planned-message.js';

const STREAM = 'kairos.events';
const realClock: Clock = { at: (realMs) => realMs, now: () => Date.now() };
const [ANN, PHONE] = [customerIdOf('ann'), customerIdOf('phone')];

describe('what delivery keeps of an id that turns out to be somebody else', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let ledger: PostgresMessageLedger;
  let store: PostgresPartitionStore;
  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 8, log: () => undefined });
    await fixStreamLayout(pool, STREAM, 24);
    ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock: realClock });
    store = new PostgresPartitionStore(pool, STREAM);
  });
  afterAll(() => pool.end());
  afterEach(() =>
    database.query(
      'truncate message_open, message_cancel, message, message_outcome, contact, contact_inbox, contact_merge, contact_feedback, customer_state, stream_outbox',
    ),
  );

  const commit = async (partition: number, more: Partial<PartitionCommit>) => {
    const from = await store.takeOver(partition, 'test');
    await store.commit(partition, { ...EMPTY, from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0, ...more });
  };
  const merge = (time: number) => commit(1, { contactMerges: [{ from: PHONE, to: ANN, customer: 'ann', time }] });
  const claim = (decide = atMost(Infinity)) => ledger.claim({ worker: 1, limit: 500, leaseMs: 60_000 }, decide);
  const consents = (customerId: string, ...said: [time: number, preferences: ConsentPreferences][]) =>
    said.map(([time, preferences]) => ({
      customerId,
      change: { eventId: `${customerId} ${time}`, time, preferences },
    }));
  const given = async () => {
    const [row] = await database.query<{ consents: Buffer }>(
      `select consents from contact where customer_id = '${ANN}'`,
    );
    const entries = decodeConsents(row!.consents).filter(({ channel }) => channel === 'email');
    return Object.fromEntries(entries.map(({ category, given: is }) => [category, is]));
  };

  it('is hers: messages that have not left are sent to her, and those that were sent fill her caps', async () => {
    const [sent, waiting, own] = [
      plannedMessage('phone', { step: '1' }),
      plannedMessage('phone', { step: '2' }),
      plannedMessage('ann'),
    ];
    await commit(0, { planned: [sent] });
    await claim();
    await commit(0, { planned: [waiting] });
    await commit(1, { planned: [own] });
    await merge(1);
    await merge(1);
    const { reserved, customers } = await claim(atMost(2));
    expect(customers).toBe(1);
    expect(reserved.map(({ customerId, plan }) => [customerId, plan.customer])).toEqual([[ANN, 'ann']]);
    const [contact] = await database.query<{ slots: Buffer }>(`select slots from contact where customer_id = '${ANN}'`);
    expect(decodeSlots(contact!.slots).map(({ messageId }) => messageId)).toContain(sent.message.id);
    // What was in flight comes back under the old id, and is hers as well.
    await database.query(
      `update message_open set state = 0, lease_until = null where message_id = '${sent.message.id}'`,
    );
    expect((await claim()).reserved).toMatchObject([
      { messageId: sent.message.id, customerId: ANN, plan: { customer: 'ann' } },
    ]);
  });

  it('is hers: a message that waits for its fallback, what was answered, and what was received on which channel', async () => {
    const fallback = { afterMs: 0, unless: 'clicked' } as const;
    const first = plannedMessage('phone', { fallback });
    await commit(0, { planned: [first] });
    await claim();
    await ledger.permit(1, [first.message.id], 5_000);
    const sent = { kind: 'sent', messageId: first.message.id, providerId: null, detail: null } as const;
    await ledger.close(1, [{ ...sent, fallbackAfterMs: 0 }], []);
    const feedback = new PostgresFeedbackBook(pool, { stream: STREAM, partitions: 24 });
    const at = Date.now() + 10_000;
    const opened = { messageId: first.message.id, kind: 'opened', at, reason: null, copyOf: 'o', detail: {} } as const;
    await feedback.record([{ ...opened, suppress: null }], () => null);
    const received = new EngagementRecord();
    received.received(first.message.id, 'email', 1);
    await database.query(`update contact set engagement = $1 where customer_id = '${PHONE}'`, [
      Buffer.from(encodeEngagement(received)),
    ]);
    await merge(1);
    const seen: ClaimedCustomer[] = [];
    await claim(atMost(Infinity, (customer) => seen.push(customer)));
    expect(seen.map(({ customerId, open }) => [customerId, open.map(({ state }) => state)])).toEqual([
      [ANN, ['waiting']],
    ]);
    expect(seen[0]!.feedback).toMatchObject([{ messageId: first.message.id, kind: 'opened' }]);
    expect(decodeEngagement(seen[0]!.engagement).messages).toHaveLength(1);
  });

  it('is her consent: the more restrictive of both, until she says otherwise later', async () => {
    await commit(0, { consents: consents(PHONE, [10, { promotional: false, care: true, news: true }]) });
    await commit(1, { consents: consents(ANN, [20, { promotional: true, care: false }], [40, { care: true }]) });
    await commit(0, { planned: [plannedMessage('phone')] });
    await merge(30);
    const later: unknown[] = [];
    const { reserved } = await claim(atMost(Infinity, ({ inbox }) => later.push(...inbox)));
    expect(reserved).toMatchObject([{ customerId: ANN }]);
    expect(await given()).toEqual({ promotional: false, care: false, news: true });
    // What she said after the two were one is applied behind it, with the decision.
    expect(later).toMatchObject([{ time: 40, preferences: { care: true } }]);
  });

  it('is not judged while it is on its way: the message waits for the customer', async () => {
    const state = newCustomerState('phone');
    state.identity.redirect = 'ann';
    const states = [{ customerId: PHONE, nextFire: null, state: encodeState(state) }];
    await commit(0, { states, planned: [plannedMessage('phone')] });
    const decide = claimDecider({
      rulesets: {} as never,
      policy: {} as never,
      spreadReleases: false,
      onDecision: () => undefined,
    });
    expect(await claim(decide)).toEqual({ reserved: [], customers: 0 });
    await merge(1);
    expect((await claim()).reserved).toMatchObject([{ customerId: ANN }]);
  });

  it('withdraws its consent by a link that was sent to the old id', async () => {
    const planned = plannedMessage('phone');
    await commit(0, { planned: [planned] });
    await merge(1);
    await claim();
    const book = new PostgresContactBook(pool, { stream: STREAM, clock: realClock, partitions: 24 });
    await book.unsubscribe({
      customerId: PHONE,
      category: 'promotional',
      channel: 'email',
      messageId: planned.message.id,
    });
    expect(await given()).toMatchObject({ promotional: false });
    const told = await database.query<{ target_key: Buffer }>('select target_key from stream_outbox');
    expect(told.map(({ target_key: key }) => key.toString())).toEqual(['ann']);
  });
});
