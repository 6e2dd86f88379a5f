import { parseInstant } from '#core';
import type { AppendRequest, EventStream } from '../ports/event-stream.js';
import { collectCalls, MAX_EVENT_BYTES, type CollectRequest } from './collect-calls.js';

const RECEIVED = '2026-03-02T09:00:00.000Z';
const track = { type: 'track', event: 'Product Added', userId: 'ann', messageId: 'm1' };

/** What reached the stream, and what was refused. */
async function collect(calls: readonly unknown[], changes: Partial<CollectRequest> = {}) {
  const appended: AppendRequest[] = [];
  const stream = { append: (requests: AppendRequest[]) => Promise.resolve(void appended.push(...requests)) };
  const request = {
    calls,
    type: null,
    sentAt: undefined,
    context: undefined,
    historical: false,
    items: {},
    ...changes,
  };
  const outcome = await collectCalls(stream as unknown as EventStream, {
    ...request,
    receivedAt: parseInstant(RECEIVED)!,
  });
  const events = appended.map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>);
  return { ...outcome, appended, events };
}

const timesOf = async (call: object, changes: Partial<CollectRequest> = {}) => {
  const { events, refused } = await collect([{ ...track, ...call }], changes);
  return events[0] === undefined ? `${refused[0]!.field} ${refused[0]!.reason}` : events[0]['timestamp'];
};

describe('the time of an event that is sent', () => {
  it("is mended by what the client's clock said when it sent the event", async () => {
    const { events } = await collect([{ ...track, timestamp: '2026-03-02T07:58:30.000Z' }], {
      sentAt: '2026-03-02T08:00:00.000Z',
    });
    expect(events).toEqual([
      {
        ...track,
        timestamp: '2026-03-02T08:58:30.000Z',
        originalTimestamp: '2026-03-02T07:58:30.000Z',
        receivedAt: RECEIVED,
      },
    ]);
  });

  it("is the event's own sentAt before that of the batch, and the original time before one that was mended already", async () => {
    const sentAt = '2026-03-02T08:00:00.000Z';
    const timestamp = '2026-03-02T08:00:00.000Z';
    expect(await timesOf({ timestamp, sentAt }, { sentAt: '2020-01-01T00:00:00.000Z' })).toBe(RECEIVED);
    expect(await timesOf({ timestamp: '2026-01-01', originalTimestamp: timestamp, sentAt })).toBe(RECEIVED);
  });

  it('is as it says where the client does not say when it sent it, or the event is history', async () => {
    expect(await timesOf({ timestamp: '2026-03-02T07:00:00.000Z' })).toBe('2026-03-02T07:00:00.000Z');
    expect(await timesOf({ timestamp: '2026-03-02T07:00:00.000Z', sentAt: null })).toBe('2026-03-02T07:00:00.000Z');
    const history = { sentAt: '2026-03-02T08:00:00.000Z', historical: true };
    expect(await timesOf({ timestamp: '2021-03-02T07:00:00.000Z' }, history)).toBe('2021-03-02T07:00:00.000Z');
  });

  it('is when it was received where it says nothing', async () => {
    expect(await timesOf({})).toBe(RECEIVED);
    expect(await timesOf({ timestamp: null }, { sentAt: '2026-03-02T08:00:00.000Z' })).toBe(RECEIVED);
  });

  it.each([
    ['2026-03-02', '2026-03-02T00:00:00.000Z'],
    ['2026-03-02 09:30', '2026-03-02T09:30:00.000Z'],
    ['2026-03-02T09:30:00', '2026-03-02T09:30:00.000Z'],
    ['2026-03-02T09:30:00,5+02:00', '2026-03-02T07:30:00.500Z'],
    ['2026-03-02T09:30:00.123456789-0130', '2026-03-02T11:00:00.123Z'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
  ])('is read the same as everywhere: %s', async (timestamp, read) => {
    expect(await timesOf({ timestamp })).toBe(read);
    expect(await timesOf({ originalTimestamp: timestamp })).toBe(read);
  });

  it.each([
    '',
    'yesterday',
    'March 7, 2026',
    '2026',
    '2026-02-30',
    '2026-03-02T25:00:00Z',
    '+012026-03-02T09:00:00.000Z',
    '1772442000000',
    1772442000000,
    1e308,
    true,
    {},
    ['2026-03-02'],
  ])('is refused where it is no instant: %j', async (odd) => {
    const reason = 'must be an instant like "2026-03-02T09:00:00.000Z"';
    for (const field of ['timestamp', 'originalTimestamp', 'sentAt'])
      expect(await timesOf({ [field]: odd })).toBe(`${field} ${reason}`);
    expect(await timesOf({}, { sentAt: odd })).toBe(`sentAt ${reason}`);
  });

  it('stays within the years that can be written', async () => {
    const timestamp = '0000-01-01T00:00:00.000Z';
    const far = 'sentAt is too far from the timestamp to be true';
    expect(await timesOf({ timestamp, sentAt: '9999-12-31T23:59:59.999Z' })).toBe(far);
    expect(await timesOf({ timestamp: '9999-12-31T23:59:59Z', sentAt: '0001-01-01T00:00:00Z' })).toBe(far);
  });
});

describe('a call that is sent', () => {
  it.each([
    ['userId', { userId: 'ann', anonymousId: 'visitor' }, 'ann'],
    ['anonymousId, where the userId is empty', { userId: '', anonymousId: 'visitor' }, 'visitor'],
    ['id with any character', { userId: ' a\u0001b\u2028 ä😀' }, ' a\u0001b\u2028 ä😀'],
  ])('is kept under its %s', async (_, ids, key) => {
    const { appended } = await collect([{ type: 'page', ...ids }]);
    expect(appended.map((record) => record.key)).toEqual([key]);
  });

  it('keeps everything else as it came, also what is odd', async () => {
    const odd = JSON.parse(
      '{"__proto__": {"admin": true}, "constructor": 1, "n": 1e308, "long": 12345678901234567890, "half": "\\ud83d", "nul": "\\u0000"}',
    ) as object;
    const { events } = await collect([{ ...track, properties: odd, writeKey: 'secret' }]);
    expect(JSON.stringify(events[0]!['properties'])).toBe(JSON.stringify(odd));
    expect(events[0]).not.toHaveProperty('writeKey');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('takes over the context of its batch where it has none', async () => {
    const context = { library: { name: 'shop' } };
    const { events } = await collect([track, { ...track, context: { ip: '::1' } }], { context });
    expect(events.map((event) => event['context'])).toEqual([context, { ip: '::1' }]);
  });

  it.each([
    ['a text', 'context', 'must be an object'],
    [{ consent: 5 }, 'context.consent', 'must be an object'],
    [
      { big: 'x'.repeat(MAX_EVENT_BYTES) },
      'context',
      `is ${MAX_EVENT_BYTES + 10} bytes long as JSON; 32768 are allowed`,
    ],
  ])('is refused for the context of its batch only where it takes it over', async (context, field, reason) => {
    const { accepted, refused } = await collect([track, { ...track, context: {} }], { context });
    expect([accepted, refused]).toEqual([1, [{ index: 0, messageId: 'm1', event: 'Product Added', field, reason }]]);
  });

  it('is named by its place, messageId and event where it is refused, and the others are kept', async () => {
    const { events, refused, accepted } = await collect([
      track,
      5,
      { ...track, messageId: 'm2', userId: 7 },
      { ...track, messageId: 'm3', properties: [] },
      { ...track, messageId: 'm4' },
    ]);
    expect(accepted).toBe(2);
    expect(events.map((event) => event['messageId'])).toEqual(['m1', 'm4']);
    expect(refused).toEqual([
      { index: 1, messageId: null, event: null, field: '', reason: 'an event is a JSON object' },
      { index: 2, messageId: 'm2', event: 'Product Added', field: 'userId', reason: 'must be a text' },
      { index: 3, messageId: 'm3', event: 'Product Added', field: 'properties', reason: 'must be an object' },
    ]);
  });

  it('may be 32 KB long as JSON, whatever is written into it here', async () => {
    const padded = (bytes: number) => {
      const rest = JSON.stringify({ ...track, timestamp: RECEIVED, properties: { text: '' } }).length;
      return {
        ...track,
        timestamp: RECEIVED,
        properties: { text: 'ä'.repeat((bytes - rest) >> 1) + 'x'.repeat((bytes - rest) & 1) },
      };
    };
    expect((await collect([padded(MAX_EVENT_BYTES)], { sentAt: RECEIVED })).refused).toEqual([]);
    expect((await collect([padded(MAX_EVENT_BYTES + 1)])).refused).toMatchObject([
      { field: '', reason: 'is 32769 bytes long as JSON; 32768 are allowed' },
    ]);
  });

  it('may be nested 64 levels deep', async () => {
    const nested = (levels: number) => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels)) as unknown;
    expect((await collect([{ ...track, properties: nested(63) }])).refused).toEqual([]);
    for (const levels of [65, 20_000])
      expect((await collect([{ ...track, properties: nested(levels) }])).refused).toMatchObject([
        { field: 'properties', reason: 'is nested deeper than 64 levels' },
      ]);
  });

  it('has ids of at most 255 characters', async () => {
    const long = 'x'.repeat(256);
    const fieldsOf = async (ids: object) => (await collect([{ ...track, ...ids }])).refused.map(({ field }) => field);
    expect(await fieldsOf({ userId: 'x'.repeat(255), messageId: 'x'.repeat(255) })).toEqual([]);
    expect(await fieldsOf({ userId: long })).toEqual(['userId']);
    expect(await fieldsOf({ userId: '', anonymousId: long })).toEqual(['anonymousId']);
    expect(await fieldsOf({ messageId: long })).toEqual(['messageId']);
    expect(await fieldsOf({ anonymousId: long })).toEqual(['anonymousId']);
    expect(await fieldsOf({ type: 'alias', previousId: long })).toEqual(['previousId']);
  });
});

describe('an event about a thing', () => {
  const items = { 'Product Updated': 'product_id' };
  const updated = { type: 'track', event: 'Product Updated', messageId: 'm1', properties: { product_id: 7, price: 9 } };

  it('is of no customer, and keeps its order among those about the same thing', async () => {
    const { appended, events, refused } = await collect([updated, { ...updated, userId: 'ann' }], { items });
    expect(refused).toEqual([]);
    expect(appended.map(({ key }) => key)).toEqual(['7', '7']);
    expect(events[0]).toMatchObject({ event: 'Product Updated', properties: { product_id: 7 } });
  });

  it('is refused where it does not name the thing, or nobody has declared it', async () => {
    const nameless = await collect([{ ...updated, properties: {} }], { items });
    expect(nameless.refused).toMatchObject([{ field: 'properties.product_id', event: 'Product Updated' }]);
    const undeclared = await collect([updated]);
    expect(undeclared.refused).toMatchObject([{ field: 'userId' }]);
  });
});
