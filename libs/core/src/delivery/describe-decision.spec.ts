import { ContactFormatError } from './contact-format-error.js';
import { decisionRecord, decodeDecision, encodeDecision } from './decision-codec.js';
import { describeDecision, type DescribedDecision } from './describe-decision.js';
import { REASONS, type DeliveryDecision } from './decision.js';
import {
  DAY,
  HOUR,
  NOW,
  at,
  customer,
  decide,
  decideAll,
  open,
  policyOf,
  quiet,
  rolling,
  sentAt,
  uuid,
} from './fixtures/world.js';
import { releaseSpread } from './release-spread.js';

const inWords = (decision: DeliveryDecision): DescribedDecision =>
  describeDecision(decodeDecision(encodeDecision(decisionRecord(decision))), 'en');

const policy = policyOf({
  caps: [rolling(1, DAY, { label: '1 per 1 day, promotional', category: 'promotional' })],
  quietHours: [quiet('21:00', '09:00')],
});

describe('a decision in sentences', () => {
  it('says that it leaves, and what every check saw', () => {
    const { verdict, checks } = inWords(decide(open({ expiresAt: NOW + HOUR }), { policy }));
    expect(verdict).toBe('hello leaves by email.');
    expect(checks.map(({ check, outcome }) => `${check}: ${outcome}`)).toEqual([
      'still wanted: passed',
      'same content: passed',
      'channel: passed',
      'caps: passed',
      'quiet hours: passed',
    ]);
    expect(checks[0]?.sentences).toEqual([
      'Its run has neither stopped nor reached its goal.',
      'It came due Monday 2 March 2026, 10:00:00 (Europe/Berlin) and was judged Monday 2 March 2026, 10:00:00 (Europe/Berlin).',
      'It expires Monday 2 March 2026, 11:00:00 (Europe/Berlin).',
      'It would be too late after Tuesday 3 March 2026, 10:00:00 (Europe/Berlin).',
      'The customer is not in the holdout.',
      '`who` holds.',
    ]);
    expect(checks[1]?.sentences).toEqual(['Nothing with the same template and key was sent in 18 hours.']);
    expect(checks[2]?.sentences).toEqual([
      '3 of 3 channels can be used.',
      'email: chosen.',
      'push: possible, but not first.',
      'sms: possible, but not first.',
    ]);
    expect(checks[3]?.sentences).toEqual([
      '1 per 1 day, promotional (email): 0 of 1 used after Sunday 1 March 2026, 10:00:00 (Europe/Berlin).',
    ]);
    expect(checks[4]?.sentences).toEqual(['Monday 2 March 2026, 10:00:00 (Europe/Berlin) is outside the quiet hours.']);
  });

  it('says of a full cap who used it and when there is room', () => {
    const { verdict, checks } = inWords(
      decide(open(), { policy, slots: [sentAt(NOW - HOUR, { messageId: uuid(9) })] }),
    );
    expect(verdict).toBe('hello is not sent: the customer has had as many messages as the caps allow.');
    expect(checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed', 'refused', 'not asked']);
    expect(checks[3]?.sentences).toEqual([
      `1 per 1 day, promotional (email): 1 of 1 used after Sunday 1 March 2026, 10:00:00 (Europe/Berlin) by ${uuid(9)}, room again Tuesday 3 March 2026, 09:00:00 (Europe/Berlin).`,
    ]);
    expect(checks[4]?.sentences).toEqual(['It was refused before.']);
  });

  it('says by whom it was outranked, now or ahead', () => {
    const high = open({ priority: 60 });
    const now = decideAll([high, open()], { policy }).decisions[1]!;
    expect(inWords(now).checks[3]?.sentences[0]).toBe(
      `Message ${high.plan.id} of priority 60 took the place at the same instant; this one has 50.`,
    );
    const held = open({ priority: 70 }, { notBefore: NOW + 2 * HOUR });
    expect(inWords(decide([open(), held], { policy })).checks[3]?.sentences[0]).toBe(
      `Message ${held.plan.id} of priority 70 is planned for Monday 2 March 2026, 12:00:00 (Europe/Berlin) and needs the place; this one has 50.`,
    );
  });

  it('says until when it is held, on the customer’s own clock', () => {
    const night = at('2026-03-02T20:30:00Z');
    const tokyo = customer({ traits: { email: 'ann@shop.test', timezone: 'Asia/Tokyo' } });
    const { verdict, checks } = inWords(
      decide(open({ due: night, plannedAt: night }), { policy, customer: tokyo, now: night }),
    );
    expect(verdict).toBe(
      'hello waits until Tuesday 3 March 2026, 09:00:00 (Asia/Tokyo): it is in the quiet hours of the customer.',
    );
    expect(checks[4]).toEqual({
      check: 'quiet hours',
      outcome: 'refused',
      sentences: [
        'Tuesday 3 March 2026, 05:30:00 (Asia/Tokyo) is in the quiet hours, which end Tuesday 3 March 2026, 09:00:00 (Asia/Tokyo).',
      ],
    });
  });

  it('says why each channel fell out, and what was sent with the same content', () => {
    const mute = customer({ consents: { promotional: { sms: true } }, traits: { email: 'ann@shop.test' } });
    const channel = inWords(decide(open(), { policy, customer: mute })).checks[2];
    expect(channel?.outcome).toBe('refused');
    expect(channel?.sentences).toEqual([
      '0 of 3 channels can be used.',
      'email: no consent for this category (no_consent).',
      'push: no consent for this category (no_consent).',
      'sms: no usable address (no_address).',
    ]);
    const repeated = inWords(
      decide(open({ key: 'c1' }), { policy, slots: [sentAt(NOW - HOUR, { key: 'c1', messageId: uuid(4) })] }),
    );
    expect(repeated.checks[1]?.sentences).toEqual([
      `Message ${uuid(4)} with the same template and key was sent Monday 2 March 2026, 09:00:00 (Europe/Berlin), less than 18 hours before.`,
    ]);
  });

  it('has words for every reason', () => {
    const record = decisionRecord(decide(open(), { policy }));
    for (const reason of REASONS) {
      const { verdict } = describeDecision({ ...record, verdict: { kind: 'suppress', reason, channel: null } }, 'en');
      expect(verdict).toMatch(/^hello is not sent: .{10,}\.$/);
    }
  });

  it('is kept without the address', () => {
    const bytes = encodeDecision(decisionRecord(decide(open(), { policy })));
    expect(new TextDecoder().decode(bytes)).not.toContain('ann@shop.test');
    expect(() => decodeDecision(bytes.subarray(0, 40))).toThrow(ContactFormatError);
    expect(() => decodeDecision(new Uint8Array())).toThrow(ContactFormatError);
  });
});

describe('the spread of a release', () => {
  it('is 0 to 10 minutes, the same for a message, and even over many', () => {
    const spreads = Array.from({ length: 2000 }, (_, index) => releaseSpread(uuid(index * 7919)));
    expect(spreads.every((ms) => Number.isInteger(ms) && ms >= 0 && ms <= 600_000)).toBe(true);
    expect(releaseSpread(uuid(3))).toBe(releaseSpread(uuid(3)));
    const perMinute = Array.from(
      { length: 10 },
      (_, minute) => spreads.filter((ms) => Math.floor(ms / 60_000) === minute).length,
    );
    for (const count of perMinute) expect(count).toBeGreaterThan(140);
  });
});
