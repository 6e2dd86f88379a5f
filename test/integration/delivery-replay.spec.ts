import type { SendResult } from '#engine';
import { SteppedClock } from '#hosting';
import { useDatabase } from '#testkit';
import { DeliveryUnderTest } from './delivery-under-test.js';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;
const SETTINGS = `
time zone: UTC
locale: en
channels: [email, sms]
categories: { promotional: { consent: opt-out } }
`;

describe('messages that were given up', () => {
  const database = useDatabase();
  let clock: SteppedClock;
  let delivery: DeliveryUnderTest;
  let answer: SendResult;

  beforeEach(async () => {
    clock = new SteppedClock(NOON);
    await database.query('truncate message_open, message_cancel, message, message_outcome, contact, contact_feedback');
    delivery = await DeliveryUnderTest.start({
      databaseUrl: database.url,
      settings: SETTINGS,
      templates: { hello: ['email', 'sms'] },
      clock,
      answer: () => answer,
    });
  });
  afterEach(() => delivery.stop());

  const given = async (result: SendResult, changes = {}) => {
    answer = result;
    const [message] = await delivery.plan({ customer: 'ann', changes: { template: 'hello', ...changes } });
    await delivery.worker(1).deliverDue();
    answer = { kind: 'accepted', providerId: null, detail: null };
    return message!.id;
  };
  const outcome = async (id: string) => {
    const { listing, rounds } = (await delivery.ledger.decision(id))!;
    return [listing.outcome, listing.reason, rounds.map(({ kind, reason, detail }) => [kind, reason, detail])];
  };

  it('are claimed anew when they are replayed, however late it is, and the record says who wanted it', async () => {
    const id = await given({ kind: 'permanent', detail: '554 later', addressDead: false });
    await clock.stepTo(NOON + 48 * HOUR);
    expect(await delivery.ledger.replay([id], 'olga')).toEqual([id]);
    expect(await delivery.ledger.replay([id], 'olga')).toEqual([]);
    await delivery.worker(1).deliverDue();
    expect(await outcome(id)).toEqual(['sent', null, [['replayed', 'provider_rejected', 'olga']]]);
    expect(delivery.taken.map((taken) => taken.id)).toEqual([id]);
    expect(await delivery.ledger.replay([id], 'olga')).toEqual([]);
  });

  it('are judged by everything else again', async () => {
    const failed = await given({ kind: 'permanent', detail: '554 later', addressDead: false });
    const unknown = await given({ kind: 'unknown', detail: 'no answer' }, { key: 'cart-2' });
    expect(await delivery.ledger.replay([failed, unknown], 'olga')).toHaveLength(2);
    await delivery.cancel(failed);
    await delivery.worker(1).deliverDue();
    expect(await outcome(failed)).toEqual(['suppressed', 'run_stopped', [['replayed', 'provider_rejected', 'olga']]]);
    expect((await outcome(unknown))[0]).toBe('sent');
  });

  it('do not leave again where they left before', async () => {
    const fallback = { afterMs: HOUR, unless: 'opened' as const };
    const id = await given(
      { kind: 'accepted', providerId: null, detail: null },
      { channels: null, fallback, ignoresQuietHours: true, category: 'other' },
    );
    answer = { kind: 'unknown', detail: 'no answer' };
    await clock.stepTo(NOON + HOUR);
    await delivery.worker(1).deliverDue();
    expect((await outcome(id))[0]).toBe('unknown');
    answer = { kind: 'accepted', providerId: null, detail: null };
    expect(await delivery.ledger.replay([id], 'olga')).toEqual([id]);
    await delivery.worker(1).deliverDue();
    expect(delivery.taken.map(({ channel }) => channel)).toEqual(['email', 'sms']);
  });
});
