import { Analytics } from '@segment/analytics-node';
import { useDatabase, waitUntil } from '#testkit';
import { CollectorUnderTest, loggedEvents, prepareDatabase, WRITE_KEY } from './collector-under-test.js';

describe("Segment's client for Node, unchanged", () => {
  const database = useDatabase();
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    collector = await CollectorUnderTest.start(database.url);
  });
  afterAll(() => collector?.stop());
  afterEach(() => database.query('truncate log'));

  const client = (settings: object = {}) => {
    const analytics = new Analytics({ writeKey: WRITE_KEY, host: collector.url, maxRetries: 0, ...settings });
    const errors: unknown[] = [];
    analytics.on('error', (error) => errors.push(error));
    return { analytics, errors };
  };

  it('delivers every kind of call, and all of them before it closes', async () => {
    const { analytics, errors } = client();
    const userId = 'ann';
    analytics.identify({ userId, traits: { email: 'ann@shop.test', locale: 'de' } });
    analytics.track({ userId, event: 'Product Added', properties: { price: 30 }, timestamp: new Date('2024-05-01') });
    analytics.page({ userId, name: 'Cart', properties: { url: 'https://shop.test/cart' } });
    analytics.screen({ userId, name: 'Cart' });
    analytics.alias({ userId, previousId: 'visitor' });
    analytics.group({ userId, groupId: 'family', traits: { size: 4 } });
    analytics.track({ anonymousId: 'visitor', event: 'Product Viewed' });
    await analytics.closeAndFlush();
    expect(errors).toEqual([]);
    const events = await loggedEvents(database);
    const ofAnn = events.filter(({ key }) => key === 'ann').map(({ event }) => event);
    expect(ofAnn.map(({ type }) => type)).toEqual(['identify', 'track', 'page', 'screen', 'alias', 'group']);
    expect(ofAnn[0]).toMatchObject({ userId, traits: { email: 'ann@shop.test', locale: 'de' } });
    expect(ofAnn[1]).toMatchObject({
      event: 'Product Added',
      properties: { price: 30 },
      originalTimestamp: '2024-05-01T00:00:00.000Z',
      context: { library: { name: '@segment/analytics-node' } },
    });
    expect(ofAnn[4]).toMatchObject({ previousId: 'visitor' });
    expect(events.filter(({ key }) => key === 'visitor')).toMatchObject([{ event: { event: 'Product Viewed' } }]);
    expect(new Set(events.map(({ event }) => event['messageId'])).size).toBe(7);
    expect(JSON.stringify(events)).not.toContain(WRITE_KEY);
  });

  it('flushes what it has, in as many requests as it likes, in order', async () => {
    const { analytics, errors } = client({ flushAt: 1_000 });
    for (let n = 0; n < 1_500; n++) analytics.track({ userId: 'ann', event: 'Product Viewed', properties: { n } });
    await analytics.flush();
    expect(errors).toEqual([]);
    const numbers = (await loggedEvents(database)).map(({ event }) => (event['properties'] as { n: number }).n);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_500 }, (_, n) => n));
    await analytics.closeAndFlush();
  });

  it('is told of an event that is too large, which it lets through itself', async () => {
    const { analytics, errors } = client();
    analytics.track({ userId: 'ann', event: 'Product Viewed', properties: { text: 'x'.repeat(32_000) } });
    analytics.track({ userId: 'ann', event: 'Product Viewed', properties: { text: 'x'.repeat(33_000) } });
    await analytics.closeAndFlush();
    expect(errors.map((error) => String((error as { reason?: unknown }).reason))).toContain('Error: [400] Bad Request');
    expect(await loggedEvents(database)).toMatchObject([{ event: { properties: { text: 'x'.repeat(32_000) } } }]);
  });

  it('hears of a wrong key and of what can never be taken', async () => {
    const stranger = client({ writeKey: 'wk_other_0123456789' });
    stranger.analytics.track({ userId: 'ann', event: 'Product Added' });
    await stranger.analytics.closeAndFlush();
    expect(stranger.errors).toHaveLength(1);
    const { analytics, errors } = client();
    analytics.track({ userId: 'ann', event: 'Product Added' });
    analytics.track({ userId: 'x'.repeat(300), event: 'Product Added' });
    await analytics.closeAndFlush();
    expect(await loggedEvents(database)).toMatchObject([{ key: 'ann' }]);
    // It does not read which: an error each, also for the one that was kept (docs/reference/events.md).
    expect(errors.map((error) => (error as { ctx?: { event: { userId?: string } } }).ctx?.event.userId)).toEqual([
      'ann',
      'x'.repeat(300),
    ]);
  });

  it('delivers what it has once the collector takes events again', async () => {
    const { analytics, errors } = client({ maxRetries: 10 });
    const append = collector.backbone.stream.append;
    const { StoreError } = await import('#engine');
    collector.backbone.stream.append = () => Promise.reject(new StoreError('cut', 'stream_unavailable', true));
    analytics.track({ userId: 'ann', event: 'Product Added', messageId: 'm1' });
    const closed = analytics.closeAndFlush();
    await waitUntil('a refusal', async () => (await collector.received('unavailable')) > 0);
    collector.backbone.stream.append = append;
    await closed;
    expect(errors).toEqual([]);
    expect(await loggedEvents(database)).toMatchObject([{ key: 'ann', event: { messageId: 'm1' } }]);
  });
});
