import { connect } from 'node:net';
import { Analytics } from '@segment/analytics-node';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { ensureTopics, KafkaEventStream, type KafkaConnection } from '#streams';
import { randomName, TcpProxy, useDatabase, useKafka, waitUntil } from '#testkit';
import { CollectorUnderTest, prepareDatabase, WRITE_KEY } from './collector-under-test.js';

const PARTITIONS = 5;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };
const kafka = useKafka();

interface Written {
  readonly partition: number;
  readonly key: string;
  readonly headers: readonly string[];
  readonly event: { readonly [name: string]: unknown };
}

kafka.describe('the collector in front of Kafka', () => {
  const database = useDatabase();
  const topic = randomName('events');
  const written: Written[] = [];
  const closing: (() => Promise<unknown>)[] = [];
  let proxy: TcpProxy;
  let collector: CollectorUnderTest;

  /** Another client of Kafka than the collector's reads what arrived. */
  const listen = async () => {
    const consumer = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).consumer({ groupId: topic });
    await consumer.connect();
    closing.push(() => consumer.disconnect());
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        const event = JSON.parse(message.value!.toString()) as Written['event'];
        written.push({ partition, key: message.key!.toString(), headers: Object.keys(message.headers ?? {}), event });
        return Promise.resolve();
      },
    });
  };

  beforeAll(async () => {
    await prepareDatabase(database);
    await ensureTopics({ brokers: kafka.brokers }, [{ topic, partitions: PARTITIONS }], silent);
    proxy = await TcpProxy.to(kafka.brokers[0]!);
    closing.push(() => proxy.stop());
    const connection: KafkaConnection = {
      brokers: kafka.brokers,
      // The broker gives its own address to clients: whatever they call is the proxy.
      socketFactory: ({ onConnect }) => connect({ host: '127.0.0.1', port: proxy.port }, onConnect),
    };
    const stream = new KafkaEventStream({
      name: topic,
      group: topic,
      partitions: PARTITIONS,
      connection,
      clock,
      log: silent,
    });
    closing.push(() => stream.close());
    collector = await CollectorUnderTest.start(database.url, { stream, answerWithinMs: 3_000 });
    closing.push(() => collector.stop());
    await listen();
  }, 300_000);

  afterAll(async () => {
    proxy?.mend();
    while (closing.length > 0) await closing.pop()!();
  });
  afterEach(() => void written.splice(0));

  const arrived = (count: number) => waitUntil(`${count} records`, () => written.length >= count && [...written]);
  const batchOf = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      type: 'track',
      event: 'Product Added',
      userId: `customer-${(from + n) % 9}`,
      messageId: `m${from + n}`,
    }));

  it('writes under the key of the customer, where every other client of Kafka puts it, in order', async () => {
    const batch = batchOf(0, 90);
    expect((await collector.post('/v1/batch', { batch })).status).toBe(200);
    const records = await arrived(90);
    const home = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 0,
      replicas: [],
      isr: [],
    }));
    for (const { key, partition, event, headers } of records) {
      expect(key).toBe(event['userId']);
      expect(partition).toBe(home({ topic, partitionMetadata, message: { key, value: null } }));
      expect(headers).toEqual([]);
    }
    for (const { userId } of batch.slice(0, 9)) {
      const mine = records.filter(({ key }) => key === userId).map(({ event }) => event['messageId']);
      expect(mine).toEqual(batch.filter((call) => call.userId === userId).map(({ messageId }) => messageId));
    }
  });

  it('marks history', async () => {
    expect((await collector.post('/v1/import', { batch: batchOf(0, 1) })).status).toBe(200);
    expect(await arrived(1)).toMatchObject([{ headers: ['kairos-historical'] }]);
  });

  it("takes the events of Segment's client", async () => {
    const analytics = new Analytics({ writeKey: WRITE_KEY, host: collector.url });
    const errors: unknown[] = [];
    analytics.on('error', (error) => errors.push(error));
    analytics.identify({ userId: 'ann', traits: { email: 'ann@shop.test' } });
    analytics.track({ userId: 'ann', event: 'Order Completed', properties: { total: 30 } });
    await analytics.closeAndFlush();
    expect(errors).toEqual([]);
    expect((await arrived(2)).map(({ event }) => event['type'])).toEqual(['identify', 'track']);
  });

  it('answers 503 while the broker is cut off, and loses nothing that is sent again', async () => {
    proxy.cut();
    const refused = await collector.post('/v1/batch', { batch: batchOf(100, 20) });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(refused.text).not.toMatch(/kafka|broker|ECONN/i);
    proxy.mend();
    const again = async () => (await collector.post('/v1/batch', { batch: batchOf(100, 20) })).status === 200;
    await waitUntil('200', again, 60_000);
    await waitUntil('all of them', () => new Set(written.map(({ event }) => event['messageId'])).size === 20);
    // The first request may have been written too, as it was: under the same ids.
    const places = new Set(
      written.map(({ key, partition, event }) => `${event['messageId'] as string} ${key} ${partition}`),
    );
    expect(places.size).toBe(20);
  });

  it('answers 503 in time while the broker does not answer at all', async () => {
    proxy.pause('everything');
    const refused = await collector.post('/v1/track', { event: 'Product Added', userId: 'ann', messageId: 'late' });
    expect(refused.status).toBe(503);
    proxy.resume();
    // What was refused as late is still on its way.
    await waitUntil('it', () => written.some(({ event }) => event['messageId'] === 'late'));
    await waitUntil('200', async () => (await collector.post('/v1/batch', { batch: batchOf(200, 1) })).status === 200);
  });
});
