import { formatInstant, parseInstant } from './instant.js';
import { readEvent, type RecordPosition } from './read-event.js';
import { validateCall } from './validate-call.js';

const append = parseInstant('2026-03-02T09:00:00.000Z')!;
const position: RecordPosition = { append, fallbackId: 'kairos.events/3/17', historical: false };
const track = {
  type: 'track',
  event: 'Product Added',
  userId: 'ann',
  messageId: 'm1',
  timestamp: '2026-03-02T08:59:00.000Z',
  properties: { price: 30 },
};

const read = (json: unknown) => readEvent(json, position);
const time = (timestamp: unknown): number | string => {
  const reading = read({ ...track, timestamp });
  return reading.ok ? reading.event.time - append : `${reading.field} ${reading.reason}`;
};

describe('a stored record', () => {
  it("is an event in Segment's shape", () => {
    expect(read(track)).toEqual({
      ok: true,
      event: {
        id: 'm1',
        type: 'track',
        name: 'Product Added',
        customer: 'ann',
        named: true,
        time: append - 60_000,
        properties: { price: 30 },
        traits: null,
        consent: null,
        pushToken: null,
        historical: false,
      },
    });
  });

  it('belongs to the userId, else to the anonymousId', () => {
    expect(read({ ...track, anonymousId: 'visitor' })).toMatchObject({ event: { customer: 'ann' } });
    expect(read({ ...track, userId: null, anonymousId: 'visitor' })).toMatchObject({ event: { customer: 'visitor' } });
  });

  it('says whom else it names: the device beside a userId, the id before of an alias', () => {
    expect(read({ ...track, anonymousId: 'visitor' })).toMatchObject({
      event: { named: true, other: { id: 'visitor', kind: 'device' } },
    });
    expect(read({ type: 'alias', userId: 'ann', previousId: 'anna', anonymousId: 'visitor' })).toMatchObject({
      event: { customer: 'ann', other: { id: 'anna', kind: 'alias' } },
    });
    for (const nobodyElse of [{ anonymousId: 'ann' }, { userId: undefined, anonymousId: 'visitor' }, {}]) {
      const reading = read({ ...track, ...nobodyElse });
      expect(reading.ok && reading.event.other).toBeUndefined();
    }
  });

  it('has its place as id where it brings none', () => {
    expect(read({ ...track, messageId: undefined })).toMatchObject({ event: { id: 'kairos.events/3/17' } });
  });

  it('happened when it says, at most 5 minutes ahead of the stream, else when it reached the stream', () => {
    expect(time('2026-03-02T09:05:00.000Z')).toBe(300_000);
    expect(time('2026-03-02T09:05:00.001Z')).toBe(0);
    expect(time('2020-01-01T00:00:00Z')).toBe(parseInstant('2020-01-01')! - append);
    expect(time(undefined)).toBe(0);
    expect(time(null)).toBe(0);
  });

  it('reads every usual way to write an instant, in whole milliseconds', () => {
    expect(time('2026-03-02T10:00:00+01:00')).toBe(0);
    expect(time('2026-03-02T09:00:00.1239Z')).toBe(123);
    expect(time('2026-03-02T09:00Z')).toBe(0);
    expect(time('2026-03-02 09:00:00')).toBe(0);
    expect(time('2026-03-02')).toBe(-9 * 3_600_000);
    for (const wrong of [
      'yesterday',
      '2026-02-30T00:00:00Z',
      '2026-03-02T24:00:00Z',
      '2026-13-01',
      '2026-03-02T09:60:00.000Z',
      '2026-03-0xT09:00:00.000Z',
      1_772_442_000_000,
      true,
    ]) {
      expect(time(wrong)).toMatch(/^timestamp must be an instant/);
    }
  });

  it('carries traits of identify and of the context, not those of a group', () => {
    expect(read({ type: 'identify', userId: 'ann', traits: { city: 'Berlin' } })).toMatchObject({
      event: { name: null, traits: { city: 'Berlin' } },
    });
    expect(read({ ...track, context: { traits: { city: 'Berlin' } } })).toMatchObject({
      event: { traits: { city: 'Berlin' } },
    });
    expect(read({ type: 'group', userId: 'ann', groupId: 'g', traits: { name: 'Shop' } })).toMatchObject({
      event: { traits: null },
    });
  });

  it('carries consent and the token of a device', () => {
    const context = {
      consent: { categoryPreferences: { promotional: ['email', 'push'], care: true } },
      device: { token: 'abc', type: 'ios' },
    };
    expect(read({ ...track, context })).toMatchObject({
      event: { consent: { promotional: ['email', 'push'], care: true }, pushToken: 'abc' },
    });
  });

  it.each([
    [[], '', 'an event is a JSON object'],
    [{ ...track, type: undefined }, 'type', 'is missing'],
    [{ ...track, type: 'click' }, 'type', 'must be one of track, identify, page, screen, alias, group'],
    [{ ...track, event: undefined }, 'event', 'is missing: a track call names its event'],
    [{ ...track, event: 5 }, 'event', 'must be a text'],
    [{ ...track, event: 'x'.repeat(101) }, 'event', 'is longer than 100 characters'],
    [
      { ...track, userId: '' },
      'userId',
      'is missing: an event names its userId or its anonymousId (events about things are declared under `items` in events.yaml)',
    ],
    [{ ...track, userId: 7 }, 'userId', 'must be a text'],
    [{ ...track, userId: ' \t' }, 'userId', 'is blank: leave it out where nobody is known'],
    [{ ...track, anonymousId: '\u00a0' }, 'anonymousId', 'is blank: leave it out where nobody is known'],
    [{ ...track, userId: 'a\0b' }, 'userId', 'holds the character NUL, which PostgreSQL keeps in no text'],
    [
      { type: 'alias', userId: 'ann', previousId: '\0' },
      'previousId',
      'holds the character NUL, which PostgreSQL keeps in no text',
    ],
    [{ ...track, properties: [] }, 'properties', 'must be an object'],
    [
      { ...track, context: { consent: { categoryPreferences: { promotional: 'yes' } } } },
      'context.consent.categoryPreferences.promotional',
      'must be true, false or a list of channels',
    ],
    [{ ...track, context: { device: { token: 5 } } }, 'context.device.token', 'must be a text'],
  ])('that is wrong is refused with field and reason: %j', (json, field, reason) => {
    expect(read(json)).toEqual({ ok: false, field, reason });
    expect(validateCall(json)).toEqual({ ok: false, field, reason });
  });

  it('may be named with 100 characters of any kind', () => {
    expect(read({ ...track, event: '😀'.repeat(100) }).ok).toBe(true);
    expect(read({ ...track, event: '😀'.repeat(101) }).ok).toBe(false);
  });

  it('has only texts that UTF-8 can carry', () => {
    expect(read({ ...track, messageId: '\udc00' })).toMatchObject({ event: { id: '\ufffd' } });
  });

  it('is refused where the customer is named by half a character: two customers could become one', () => {
    expect(read({ ...track, userId: 'a\ud800b' })).toMatchObject({ ok: false, field: 'userId' });
    expect(read({ type: 'page', anonymousId: '\udc00' })).toMatchObject({ ok: false, field: 'anonymousId' });
  });

  it('is refused where a consent names a channel that does not exist, since a list takes the others back', () => {
    const context = { consent: { categoryPreferences: { promotional: ['e-mail'] } } };
    expect(read({ ...track, context })).toMatchObject({
      ok: false,
      field: 'context.consent.categoryPreferences.promotional',
      reason: expect.stringContaining('web push'),
    });
  });
});

describe('a call', () => {
  it('is fine without timestamp and messageId', () => {
    expect(validateCall({ type: 'page', anonymousId: 'a' })).toEqual({ ok: true, customer: 'a' });
    expect(validateCall(track)).toEqual({ ok: true, customer: 'ann' });
  });

  it('is refused when it is nested too deep, without being walked by recursion', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`) as unknown;
    expect(validateCall({ ...track, properties: deep })).toEqual({
      ok: false,
      field: 'properties',
      reason: 'is nested deeper than 64 levels',
    });
  });
});

describe('a call with a number that JSON cannot hold', () => {
  it.each(['1e999', '-1e999'])('is refused: %s', (number) => {
    const properties = JSON.parse(`{"items": [{"price": ${number}}]}`) as unknown;
    expect(validateCall({ ...track, properties })).toEqual({
      ok: false,
      field: 'properties',
      reason: 'holds a number that is too large',
    });
  });
});

describe('an instant', () => {
  it('is written as it is read', () => {
    for (const text of [
      '1969-12-31T23:59:59.999Z',
      '2024-02-29T12:34:56.789Z',
      '0001-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.999Z',
    ])
      expect(formatInstant(parseInstant(text)!)).toBe(text);
  });
});
