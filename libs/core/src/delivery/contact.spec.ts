import fc from 'fast-check';
import { CHANNELS } from '../rules/model.js';
import { decodeConsents, encodeConsents } from './consent-codec.js';
import { applyConsentChanges, consentEntries, consentMap, withdrawal, type ConsentEntry } from './consent.js';
import { narrowSlots, pruneSlots } from './contact-slots.js';
import type { Slot } from './decision.js';
import { DAY, HOUR, MINUTE, NOW, calendar, policyOf, rolling, sentAt, uuid } from './fixtures/world.js';
import { decodeSlots, encodeSlots } from './slot-codec.js';

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });

const anySlot: fc.Arbitrary<Slot> = fc
  .record({
    messageId: fc.uuid(),
    from: fc.integer({ min: 0, max: 8.64e15 / 100 }),
    to: fc.constant(0),
    channel: fc.constantFrom(...CHANNELS),
    category: fc.constantFrom('promotional', 'care', 'größe', ''),
    priority: fc.integer({ min: 0, max: 100 }),
    content: hex(16),
    counts: fc.boolean(),
  })
  .chain((slot) => fc.integer({ min: 0, max: HOUR }).map((length) => ({ ...slot, to: slot.from + length })));

describe('slots as bytes', () => {
  it('come back as they were, in about 35 bytes each', () => {
    fc.assert(
      fc.property(fc.array(anySlot, { maxLength: 30 }), (slots) => {
        const bytes = encodeSlots(slots);
        expect(decodeSlots(bytes)).toEqual(slots);
        expect(bytes.length).toBeLessThanOrEqual(40 + 42 * slots.length);
      }),
    );
    expect(encodeSlots(Array.from({ length: 10 }, (_, index) => sentAt(NOW - index * HOUR))).length).toBeLessThan(370);
  });

  it('are empty where nothing was written', () => {
    expect(decodeSlots(new Uint8Array())).toEqual([]);
  });

  it('that are cut or of another version are refused, never misread', () => {
    const bytes = encodeSlots([sentAt(NOW), sentAt(NOW - HOUR)]);
    for (let length = 1; length < bytes.length; length++) {
      const cut = (): Slot[] => decodeSlots(bytes.subarray(0, length));
      const slots = ((): Slot[] | null => {
        try {
          return cut();
        } catch (error) {
          expect(error).toMatchObject({ name: 'ContactFormatError', code: 'contact_format', retryable: false });
          return null;
        }
      })();
      // Only a cut between two slots can be read, as fewer slots.
      if (slots !== null) expect(slots.length).toBeLessThan(2);
    }
    expect(() => decodeSlots(new Uint8Array([9, 0]))).toThrow('unknown format version');
  });
});

describe('narrowing', () => {
  const lease = sentAt(NOW - MINUTE, { to: NOW, messageId: uuid(1) });
  const other = sentAt(NOW - HOUR, { to: NOW - HOUR + MINUTE, messageId: uuid(2) });
  const point = sentAt(NOW - DAY, { messageId: uuid(3) });

  it('makes a closed message’s slot its acceptance, drops a failed one, leaves what is in flight', () => {
    expect(narrowSlots([lease, other, point], [])).toEqual([lease, other, point]);
    expect(narrowSlots([lease, other, point], [{ messageId: uuid(1), kind: 'accepted', at: NOW - 30_000 }])).toEqual([
      { ...lease, from: NOW - 30_000, to: NOW - 30_000 },
      other,
      point,
    ]);
    expect(
      narrowSlots(
        [lease, other],
        [
          { messageId: uuid(1), kind: 'released' },
          { messageId: uuid(2), kind: 'in_flight' },
        ],
      ),
    ).toEqual([other]);
  });

  it('does not move an acceptance that was recorded before', () => {
    expect(narrowSlots([point], [{ messageId: uuid(3), kind: 'accepted', at: NOW }])).toEqual([point]);
  });
});

describe('pruning', () => {
  it('drops what no cap and no same-content window can see', () => {
    const policy = policyOf({ caps: [rolling(1, 2 * DAY)] });
    const kept = [sentAt(NOW - 2 * DAY + 1), sentAt(NOW - 18 * HOUR + 1, { counts: false })];
    expect(
      pruneSlots([...kept, sentAt(NOW - 2 * DAY), sentAt(NOW - 18 * HOUR, { counts: false })], policy, NOW),
    ).toEqual(kept);
  });

  it('keeps what a calendar month in any zone may still hold', () => {
    const policy = policyOf({ caps: [calendar(1, 'month')] });
    const slot = sentAt(NOW - 31 * DAY - 26 * HOUR);
    expect(pruneSlots([slot], policy, NOW)).toEqual([slot]);
    expect(pruneSlots([sentAt(NOW - 34 * DAY)], policy, NOW)).toEqual([]);
  });

  it('keeps same content where there are no caps at all', () => {
    expect(pruneSlots([sentAt(NOW - HOUR)], policyOf(), NOW)).toHaveLength(1);
  });
});

const change = (time: number, preferences: { readonly [category: string]: boolean | readonly string[] }) =>
  consentEntries({ eventId: `e${time}`, time, preferences });

describe('consent', () => {
  const promotional = (consents: readonly ConsentEntry[]) => consentMap(consents)['promotional'];

  it('a list of channels gives these and refuses the others', () => {
    expect(promotional(applyConsentChanges([], change(1, { promotional: ['email', 'push'] })))).toEqual({
      email: true,
      push: true,
      sms: false,
      'web push': false,
      telegram: false,
      whatsapp: false,
      viber: false,
      inbox: false,
    });
  });

  it('is the last word by event time, in whatever order the words arrive', () => {
    const words = [
      change(1, { promotional: true }),
      change(3, { promotional: ['email'] }),
      change(2, { promotional: false, care: true }),
    ];
    const expected = applyConsentChanges([], words.flat());
    expect(promotional(expected)).toMatchObject({ email: true, sms: false, push: false });
    expect(consentMap(expected)['care']).toMatchObject({ email: true });
    fc.assert(
      fc.property(fc.shuffledSubarray(words, { minLength: words.length }), (order) => {
        expect(
          order.reduce<readonly ConsentEntry[]>((consents, word) => applyConsentChanges(consents, word), []),
        ).toEqual(expected);
      }),
    );
  });

  it('is of two words of one instant the later in the stream', () => {
    const both = applyConsentChanges(
      applyConsentChanges([], change(3, { promotional: ['email'] })),
      change(3, { promotional: ['sms'] }),
    );
    expect(promotional(both)).toMatchObject({ email: false, sms: true });
  });

  it('is never raised by an event older than the customer’s own no, only by a newer one', () => {
    const no = applyConsentChanges(
      applyConsentChanges([], change(10, { promotional: true })),
      withdrawal('promotional', ['email'], 20),
    );
    expect(promotional(no)).toMatchObject({ email: false, sms: true });
    expect(promotional(applyConsentChanges(no, change(15, { promotional: true })))).toMatchObject({
      email: false,
      sms: true,
    });
    expect(promotional(applyConsentChanges(no, change(20, { promotional: true })))).toMatchObject({ email: false });
    expect(promotional(applyConsentChanges(no, change(21, { promotional: true })))).toMatchObject({ email: true });
  });

  it('is withdrawn at once, even from an event whose clock was ahead', () => {
    const ahead = applyConsentChanges([], change(1000, { promotional: true }));
    const no = applyConsentChanges(ahead, withdrawal('promotional', 'all', 700));
    expect(Object.values(promotional(no) ?? {})).toEqual(CHANNELS.map(() => false));
    expect(promotional(applyConsentChanges(no, change(900, { promotional: true })))).toMatchObject({ email: false });
  });

  it('says by identity that nothing changed', () => {
    const consents = applyConsentChanges([], change(5, { promotional: true }));
    expect(applyConsentChanges(consents, change(4, { promotional: false }))).toBe(consents);
    expect(applyConsentChanges(consents, change(5, { promotional: true }))).toBe(consents);
  });

  it('comes back from bytes as it was, one act in a few bytes', () => {
    const entry = fc.record({
      category: fc.constantFrom('promotional', 'care', 'größe'),
      channel: fc.constantFrom(...CHANNELS),
      given: fc.boolean(),
      time: fc.integer({ min: 0, max: 2e12 }),
      source: fc.constantFrom('event' as const, 'customer' as const, 'rule' as const),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const consents = applyConsentChanges([], entries);
        expect(applyConsentChanges([], decodeConsents(encodeConsents(consents)))).toEqual(consents);
      }),
    );
    const one = encodeConsents(applyConsentChanges([], change(NOW, { promotional: true })));
    expect(one.length).toBeLessThan(30);
    expect(decodeConsents(new Uint8Array())).toEqual([]);
    expect(() => decodeConsents(one.subarray(0, one.length - 1))).toThrow('contact.consents cannot be read');
  });

  it('keeps names that every object has apart', () => {
    const map = consentMap(change(1, { ['__proto__']: true, constructor: false }));
    expect(Object.keys(map).sort()).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(map)).toBeNull();
  });
});
