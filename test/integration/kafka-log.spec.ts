import { Kafka, logLevel, type Producer } from 'kafkajs';
import { LogTruncatedError, StreamLayoutError } from '#engine';
import { ensureTopics, KafkaEventStream } from '#streams';
import { randomName, useKafka, waitUntil } from '#testkit';
import { CollectingOwner } from './collecting-owner.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };
const kafka = useKafka();

kafka.describe('what only a log of Kafka has', () => {
  let topic: string;
  const closing: (() => Promise<unknown>)[] = [];
  const client = () => new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const open = (partitions = 1) => {
    const stream = new KafkaEventStream({
      name: topic,
      group: topic,
      partitions,
      connection: { brokers: kafka.brokers },
      clock,
      log: silent,
      sessionTimeoutMs: 6_000,
    });
    closing.push(() => stream.close());
    return stream;
  };
  const admin = async () => {
    const connected = client().admin();
    await connected.connect();
    closing.push(() => connected.disconnect());
    return connected;
  };
  const transactional = async (): Promise<Producer> => {
    const producer = client().producer({ idempotent: true, maxInFlightRequests: 1, transactionalId: randomName('tx') });
    await producer.connect();
    closing.push(() => producer.disconnect());
    return producer;
  };
  const texts = (owner: CollectingOwner) =>
    owner.records.all.map(({ offset, value }) => `${offset}:${Buffer.from(value!).toString()}`);
  const one = (value: string) => ({ topic, messages: [{ partition: 0, value }] });
  const append = (stream: KafkaEventStream, value: string) =>
    stream.append([{ key: null, partition: 0, value: Buffer.from(value) }]);

  beforeEach(async () => {
    topic = randomName('events');
    await ensureTopics({ brokers: kafka.brokers }, [{ topic, partitions: 1 }], silent);
  });

  afterEach(async () => {
    while (closing.length > 0) await closing.pop()!();
  });

  it("steps over the markers and aborted records of other producers' transactions, wherever it begins", async () => {
    const stream = open();
    const producer = await transactional();
    const connected = await admin();
    // Markers are written after the end of a transaction was acknowledged.
    const endsAt = (end: number) =>
      waitUntil(
        `the log to end at ${end}`,
        async () => (await connected.fetchTopicOffsets(topic))[0]!.high === String(end),
      );
    await append(stream, 'a');
    const kept = await producer.transaction();
    await kept.send(one('b'));
    await kept.commit();
    await endsAt(3);
    const dropped = await producer.transaction();
    await dropped.send(one('c'));
    await dropped.abort();
    await endsAt(5);
    await append(stream, 'd');
    const last = await producer.transaction();
    await last.send(one('e'));
    await last.abort();
    await endsAt(8);
    const owner = new CollectingOwner();
    await open().own(owner);
    // 2, 4 and 7 are markers, 3 and 6 were aborted: behind the last record is nothing but a marker, and it is stepped over too.
    await waitUntil('the end of the log', () => owner.positions.get(0) === 8);
    expect(texts(owner)).toEqual(['0:a', '1:b', '5:d']);
    const feed = await owner.reading(0);
    expect(feed.lag).toBe(0);
    for (const from of [2, 3, 6, 7, 4]) {
      await feed.seek(from);
      await waitUntil('the end of the log', () => owner.positions.get(0) === 8 && feed.lag === 0);
    }
    await append(stream, 'f');
    await owner.records.first(({ offset }) => offset === 8);
    expect(texts(owner)).toEqual(['0:a', '1:b', '5:d', '5:d', '5:d', '5:d', '8:f']);
    expect(owner.turns.all.filter(({ kind }) => kind === 'failed')).toEqual([]);
  });

  it('holds back what lies behind a transaction that is still open, and then gives it in order', async () => {
    const stream = open();
    const producer = await transactional();
    const running = await producer.transaction();
    await running.send(one('first'));
    await append(stream, 'second');
    const owner = new CollectingOwner();
    await open().own(owner);
    const feed = await owner.reading(0);
    expect([feed.poll(), owner.records.all]).toEqual([null, []]);
    await running.commit();
    await owner.records.atLeast(2);
    expect(texts(owner)).toEqual(['0:first', '1:second']);
  });

  it('refuses a topic whose records carry the times of their producers, and names the command that mends it', async () => {
    topic = randomName('create-time');
    const connected = await admin();
    await connected.createTopics({
      topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'message.timestamp.type', value: 'CreateTime' }] }],
      waitForLeaders: true,
    });
    const command = new RegExp(
      `kafka-configs.sh --bootstrap-server .*--entity-name ${topic} --add-config message.timestamp.type=LogAppendTime`,
    );
    await expect(open().partitionCount()).rejects.toThrow(command);
    await expect(open().own(new CollectingOwner())).rejects.toBeInstanceOf(StreamLayoutError);
    await expect(ensureTopics({ brokers: kafka.brokers }, [{ topic, partitions: 1 }], silent)).rejects.toThrow(command);
  });

  it('stops at the next join when partitions were added while it ran', async () => {
    const owner = new CollectingOwner();
    await open().own(owner);
    await owner.reading(0);
    const connected = await admin();
    await connected.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
    // Its own view is the one of before; a second member makes the group join again.
    await open(2).own(new CollectingOwner());
    const { error } = await owner.turns.first(
      ({ kind, error: e }) => kind === 'failed' && e instanceof StreamLayoutError,
    );
    expect(error!.message).toContain('has 2 partitions, but Kairos was set up with 1');
  });

  it('notices a topic that was deleted and made anew behind its back', async () => {
    const stream = open();
    for (const value of ['a', 'b', 'c']) await append(stream, value);
    const connected = await admin();
    await connected.deleteTopics({ topics: [topic] });
    await waitUntil('the topic to be gone', async () => !(await connected.listTopics()).includes(topic));
    await ensureTopics({ brokers: kafka.brokers }, [{ topic, partitions: 1 }], silent);
    await append(open(), 'new');
    const owner = new CollectingOwner(new Map([[0, 3]]));
    await open().own(owner);
    const { error } = await owner.turns.first(({ kind }) => kind === 'failed');
    expect(error).toBeInstanceOf(LogTruncatedError);
    expect(owner.records.all).toEqual([]);
  });

  it('notices a topic that was deleted and made anew while it read', async () => {
    const stream = open();
    const owner = new CollectingOwner();
    await open().own(owner);
    for (const value of ['a', 'b', 'c']) await append(stream, value);
    await owner.records.atLeast(3);
    const connected = await admin();
    await connected.deleteTopics({ topics: [topic] });
    await waitUntil('the topic to be gone', async () => !(await connected.listTopics()).includes(topic));
    await ensureTopics({ brokers: kafka.brokers }, [{ topic, partitions: 1 }], silent);
    await append(open(), 'new');
    const { error } = await owner.turns.first(({ kind }) => kind === 'failed', 90_000);
    expect(error).toBeInstanceOf(LogTruncatedError);
    expect(texts(owner)).toEqual(['0:a', '1:b', '2:c']);
  });

  it('is made so that brokers unpack what producers compress: kafkajs reads no codec but gzip', async () => {
    const connected = await admin();
    const { resources } = await connected.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic, configNames: ['compression.type'] }],
    });
    expect(resources[0]!.configEntries[0]!.configValue).toBe('uncompressed');
  });
});
