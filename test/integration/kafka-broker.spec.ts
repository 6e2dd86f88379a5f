import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';
import { startKafka, type KafkaCluster } from '../../tools/kafka/kafka-broker.mjs';
import { Arrivals, waitUntil, describeWhereKafkaCanRun, randomName, useKafka } from '#testkit';

const connect = (brokers: string[], retries = 15): Kafka =>
  new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 100, retries } });

async function createTopic(kafka: Kafka, topic: string, replicationFactor: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
  // kafkajs' own wait for the leaders gives up where a broker has not heard of the new topic yet.
  await admin.createTopics({
    topics: [{ topic, numPartitions: 1, replicationFactor, configEntries }],
    waitForLeaders: false,
  });
  await waitUntil('the topic to have a leader', async () => {
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => null);
    return metadata !== null && metadata.topics[0]!.partitions.some(({ leader }) => leader >= 0);
  });
  await admin.disconnect();
}

/** Reads `count` records from the beginning. */
async function read(kafka: Kafka, topic: string, count: number): Promise<KafkaMessage[]> {
  const consumer = kafka.consumer({ groupId: randomName('group'), sessionTimeout: 6000 });
  const records = new Arrivals<KafkaMessage>('a record');
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => records.add(message) });
  try {
    return await records.atLeast(count);
  } finally {
    await consumer.disconnect();
  }
}

const kafka = useKafka();
kafka.describe('one broker', () => {
  it('takes records of an idempotent producer and gives them the time of appending', async () => {
    const client = connect(kafka.brokers);
    const topic = randomName('events');
    await createTopic(client, topic, 1);
    const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const longAgo = String(Date.UTC(2001, 0, 1));
    await producer.send({
      topic,
      acks: -1,
      messages: [1, 2].map((n) => ({ key: 'ann', value: String(n), timestamp: longAgo })),
    });
    await producer.disconnect();
    const records = await read(client, topic, 2);
    expect(records.map(({ offset, value }) => [offset, value?.toString()])).toEqual([
      ['0', '1'],
      ['1', '2'],
    ]);
    expect(records.filter(({ timestamp }) => timestamp === longAgo)).toEqual([]);
  });

  it('does not make a topic because somebody asks for it', async () => {
    const admin = connect(kafka.brokers, 0).admin();
    await admin.connect();
    await expect(admin.fetchTopicOffsets(randomName('missing'))).rejects.toThrow(/does not host this topic/);
    await admin.disconnect();
  });
});

describeWhereKafkaCanRun('three brokers', () => {
  let cluster: KafkaCluster | undefined;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3 });
  }, 300_000);
  afterAll(() => cluster?.stop());

  it('go on with acks=all after one of them was killed, and lose nothing', async () => {
    const client = connect(cluster!.brokers.split(','));
    const topic = randomName('events');
    await createTopic(client, topic, 3);
    const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const send = (value: string): Promise<unknown> => producer.send({ topic, acks: -1, messages: [{ value }] });
    await send('before');
    const admin = client.admin();
    await admin.connect();
    const leader = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions[0]!.leader;
    await admin.disconnect();
    await cluster!.kill(leader - 1);
    expect(cluster!.running()).toHaveLength(2);
    await send('after');
    await producer.disconnect();
    expect((await read(client, topic, 2)).map(({ value }) => value?.toString())).toEqual(['before', 'after']);
    await cluster!.restart(leader - 1);
    expect(cluster!.running()).toHaveLength(3);
  });
});
