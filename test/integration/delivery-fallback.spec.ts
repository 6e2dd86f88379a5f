import { SteppedClock } from '#hosting';
import { PostgresFeedbackBook } from '#postgres';
import { useDatabase } from '#testkit';
import type { SendResult } from '#engine';
import { DeliveryUnderTest, STREAM } from './delivery-under-test.js';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;
const REJECTED: SendResult = { kind: 'permanent', detail: '550 no such user', addressDead: false };
const SETTINGS = `
time zone: UTC
locale: en
channels: [email, sms, push]
categories: { promotional: { consent: opt-out }, care: { consent: opt-out } }
caps: [ { at most: 2, per: 1 day, category: promotional } ]
`;
const fallback = { afterMs: 2 * HOUR, unless: 'opened' as const };

describe('a message with a fallback, live', () => {
  const database = useDatabase();
  let clock: SteppedClock;
  let delivery: DeliveryUnderTest;
  let refusing: string[] = [];

  beforeEach(async () => {
    clock = new SteppedClock(NOON);
    refusing = [];
    await database.query('truncate message_open, message_cancel, message, message_outcome, contact, contact_feedback');
    delivery = await DeliveryUnderTest.start({
      databaseUrl: database.url,
      settings: SETTINGS,
      templates: { hello: ['email', 'sms', 'push'] },
      clock,
      answer: (_, channel) =>
        refusing.includes(channel) ? REJECTED : { kind: 'accepted', providerId: `${channel} 1`, detail: null },
    });
  });
  afterEach(() => delivery.stop());

  const planHello = async (changes = {}) =>
    (
      await delivery.plan({ customer: 'ann', changes: { template: 'hello', channels: null, fallback, ...changes } })
    )[0]!;
  const deliverAt = async (instant: number) => {
    await clock.stepTo(instant);
    await delivery.worker(1).deliverDue();
  };
  const channels = () => delivery.taken.map(({ channel }) => channel);
  const listing = async (id: string) => (await delivery.ledger.decision(id))!.listing;
  const rounds = (id: string) =>
    database.query<{ kind: string; reason: string }>(
      `select kind, reason from message_outcome where message_id = $1 order by at, kind`,
      [id],
    );
  const says = async (
    messageId: string,
    kind: 'opened' | 'clicked' | 'bounced',
    reason: 'machine' | 'hard' | null = null,
  ) =>
    new PostgresFeedbackBook(delivery.pool, { stream: STREAM, partitions: 24 }).record(
      [{ messageId, kind, at: clock.now(), reason, copyOf: `${kind} ${clock.now()}`, detail: {}, suppress: null }],
      () => null,
    );

  it('goes from channel to channel, each after its time, and is one sent message in the end', async () => {
    const { id } = await planHello();
    await deliverAt(NOON);
    expect(await listing(id)).toMatchObject({
      outcome: 'waiting',
      channel: 'email',
      notBefore: NOON + 2 * HOUR,
      at: NOON,
    });
    await deliverAt(NOON + 2 * HOUR - 1);
    expect(channels()).toEqual(['email']);
    await deliverAt(NOON + 2 * HOUR);
    expect(channels()).toEqual(['email', 'sms']);
    await deliverAt(NOON + 4 * HOUR);
    // Two a day: the third channel is refused, and the message was sent all the same.
    expect(channels()).toEqual(['email', 'sms']);
    expect(await listing(id)).toMatchObject({ outcome: 'sent', reason: null, channel: 'sms', at: NOON + 2 * HOUR });
    expect(await rounds(id)).toEqual([
      { kind: 'sent', reason: 'email' },
      { kind: 'sent', reason: 'sms' },
      { kind: 'suppressed', reason: 'frequency_cap' },
    ]);
    expect(await database.query('select 1 from message_open')).toEqual([]);
  });

  it('ends with the answer that it waits for, and with no other', async () => {
    const { id } = await planHello();
    await deliverAt(NOON);
    await says(id, 'opened', 'machine');
    await says(id, 'clicked');
    await deliverAt(NOON + 2 * HOUR);
    expect(channels()).toEqual(['email', 'sms']);
    await says(id, 'opened');
    await deliverAt(NOON + 4 * HOUR);
    expect(await listing(id)).toMatchObject({ outcome: 'sent', channel: 'sms' });
    expect(await database.query('select 1 from contact_feedback')).toEqual([]);
  });

  it('is withdrawn by the stop of its run', async () => {
    const { id } = await planHello();
    await deliverAt(NOON);
    await delivery.cancel(id);
    await deliverAt(NOON + 2 * HOUR);
    expect(channels()).toEqual(['email']);
    expect(await listing(id)).toMatchObject({ outcome: 'sent', channel: 'email', at: NOON });
    expect(await rounds(id)).toContainEqual({ kind: 'suppressed', reason: 'run_stopped' });
    expect(await database.query('select 1 from message_cancel')).toEqual([]);
  });

  it('moves on at once where a channel fails for good, and has failed when none is left', async () => {
    refusing = ['email', 'sms'];
    const { id } = await planHello({ category: 'care' });
    await deliverAt(NOON);
    expect(channels()).toEqual(['push']);
    expect(await listing(id)).toMatchObject({ outcome: 'waiting', channel: 'push' });
    refusing = ['email', 'sms', 'push'];
    const { id: lost } = await planHello({ key: 'cart-2', category: 'care' });
    await deliverAt(NOON + 1);
    expect(await listing(lost)).toMatchObject({
      outcome: 'failed',
      reason: 'provider_rejected',
      detail: '550 no such user',
    });
    expect(channels()).toEqual(['push']);
  });

  it('moves on when the address bounces for good, without waiting for an answer', async () => {
    const { id } = await planHello();
    await deliverAt(NOON);
    await clock.stepTo(NOON + 60_000);
    await says(id, 'bounced', 'hard');
    await deliverAt(NOON + 61_000);
    expect(channels()).toEqual(['email', 'sms']);
  });

  it('what she answers decides where the next one goes', async () => {
    const first = await planHello({ fallback: null });
    const second = await planHello({ fallback: null, key: 'cart-2', channels: ['sms'] });
    await deliverAt(NOON);
    // Not within seconds, as a program would.
    await clock.stepTo(NOON + 60_000);
    await says(second.id, 'clicked');
    await deliverAt(NOON + 24 * HOUR);
    const third = await planHello({ fallback: null, key: 'cart-3' });
    await deliverAt(NOON + 24 * HOUR + 1);
    await planHello({ fallback: null, key: 'cart-4' });
    await deliverAt(NOON + 24 * HOUR + 2);
    // From three messages on over two channels; before that the order of kairos.yaml.
    expect(delivery.taken.map(({ id, channel }) => [id, channel]).slice(0, 3)).toEqual([
      [first.id, 'email'],
      [second.id, 'sms'],
      [third.id, 'email'],
    ]);
    expect(channels()[3]).toBe('sms');
    const [kept] = await database.query<{ bytes: number }>('select length(engagement) as bytes from contact');
    expect(kept!.bytes).toBeLessThan(100);
  });
});
