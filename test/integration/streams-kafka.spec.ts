import { connect } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { ensureTopics, KafkaEventStream, type KafkaConnection } from '#streams';
import { TcpProxy, useDatabase, useKafka } from '#testkit';
import { describeStreamContract, type StreamHarness } from './streams-contract.js';
import { describeOwnershipContract } from './streams-ownership-contract.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };

const kafka = useKafka();

kafka.describe('the event stream on Kafka', () => {
  const database = useDatabase();
  const proxies: TcpProxy[] = [];
  const client = () => new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const openWith = (
    connection: KafkaConnection,
    name: string,
    { partitions = 4, group = name, sessionTimeoutMs = 6_000 } = {},
  ) => new KafkaEventStream({ name, group, partitions, connection, clock, log: silent, sessionTimeoutMs });

  const harness: StreamHarness = {
    create: (topic, partitions) => ensureTopics({ brokers: kafka.brokers }, [{ topic, partitions }], silent),
    open: (name, options) => openWith({ brokers: kafka.brokers }, name, options),
    openFreezable: async (name, options) => {
      const proxyOf = new Map(
        await Promise.all(kafka.brokers.map(async (broker) => [broker, await TcpProxy.to(broker)] as const)),
      );
      proxies.push(...proxyOf.values());
      const socketFactory: KafkaConnection['socketFactory'] = ({ host, port, onConnect }) =>
        connect({ host: '127.0.0.1', port: proxyOf.get(`${host}:${port}`)!.port }, onConnect);
      return {
        stream: openWith({ brokers: kafka.brokers, socketFactory }, name, options),
        freeze: () => proxyOf.forEach((proxy) => proxy.pause()),
        thaw: () => proxyOf.forEach((proxy) => proxy.resume()),
      };
    },
    truncate: async (topic, partition, before) => {
      const admin = client().admin();
      await admin.connect();
      // Without it kafkajs does not know who leads the partition.
      await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
      await admin.disconnect();
    },
  };

  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });

  describeStreamContract(harness);
  describeOwnershipContract(harness, database);
});
