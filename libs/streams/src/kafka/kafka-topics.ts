import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { StreamLayoutError, type Log } from '#engine';
import { kafkaClient, type KafkaConnection } from './kafka-client.js';
import { kafkaError } from './kafka-error.js';

export interface TopicLayout {
  readonly topic: string;
  readonly partitions: number;
}

/** kafkajs reads no codec but gzip: where others produce, the broker unpacks. */
const TOPIC_SETTINGS = { 'message.timestamp.type': 'LogAppendTime', 'compression.type': 'uncompressed' };
const MAX_REPLICAS = 3;
const NEW_TOPIC_TRIES = 50;
const NEW_TOPIC_WAIT_MS = 200;

/**
 * Creates the topics that are missing and checks those that are there. Three replicas where there are three brokers,
 * with `min.insync.replicas` 2. Throws `StreamLayoutError` with the command that mends a topic, `StoreError` otherwise.
 */
export async function ensureTopics(
  connection: KafkaConnection,
  layouts: readonly TopicLayout[],
  log: Log,
): Promise<void> {
  const admin = kafkaClient(connection, log).admin();
  try {
    await admin.connect();
    const existing = await admin.listTopics();
    const missing = layouts.filter(({ topic }) => !existing.includes(topic));
    if (missing.length > 0) await createTopics(admin, missing);
    for (const layout of layouts)
      await (missing.includes(layout)
        ? checkNewTopic(admin, layout, connection)
        : checkTopic(admin, layout, connection));
  } catch (error) {
    throw kafkaError(`the topics could not be set up on ${connection.brokers.join(',')}`, error);
  } finally {
    await admin.disconnect();
  }
}

async function createTopics(admin: Admin, layouts: readonly TopicLayout[]): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const replicationFactor = Math.min(MAX_REPLICAS, brokers.length);
  const settings = { ...TOPIC_SETTINGS, ...(replicationFactor === MAX_REPLICAS && { 'min.insync.replicas': '2' }) };
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  // Resolves to false where another process was faster: the check that follows looks at what it made.
  await admin.createTopics({
    topics: layouts.map(({ topic, partitions }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries,
    })),
    // kafkajs gives up where one of several brokers has not heard of the topic yet.
    waitForLeaders: false,
  });
}

/** Brokers hear of a new topic one after the other, and any of them may be asked. */
async function checkNewTopic(admin: Admin, layout: TopicLayout, connection: KafkaConnection): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await checkTopic(admin, layout, connection);
    } catch (error) {
      if (tries === NEW_TOPIC_TRIES) throw error;
      await pause(NEW_TOPIC_WAIT_MS);
    }
  }
}

/** Throws `StreamLayoutError` unless the topic has this many partitions and stamps records itself. */
export async function checkTopic(
  admin: Admin,
  { topic, partitions }: TopicLayout,
  { brokers }: KafkaConnection,
): Promise<void> {
  if (!(await admin.listTopics()).includes(topic)) {
    throw new StreamLayoutError(
      `the topic ${topic} does not exist on ${brokers.join(',')}. Create it with: kairos migrate`,
    );
  }
  const [found] = (await admin.fetchTopicMetadata({ topics: [topic] })).topics;
  const count = found?.partitions.length ?? 0;
  if (count !== partitions) throw new StreamLayoutError(countProblem(topic, partitions, count, brokers));
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['message.timestamp.type'] }],
  });
  const type = described.resources[0]?.configEntries[0]?.configValue;
  if (type !== TOPIC_SETTINGS['message.timestamp.type']) {
    throw new StreamLayoutError(
      `the topic ${topic} has message.timestamp.type=${type}: timers would fire by the clocks of producers. Mend it with: ` +
        `kafka-configs.sh --bootstrap-server ${brokers[0]} --alter --entity-type topics --entity-name ${topic} --add-config message.timestamp.type=LogAppendTime`,
    );
  }
}

function countProblem(topic: string, wanted: number, count: number, brokers: readonly string[]): string {
  const problem = `the topic ${topic} has ${count} partitions, but Kairos was set up with ${wanted}: customers would change their partition.`;
  const kafkaTopics = `kafka-topics.sh --bootstrap-server ${brokers[0]}`;
  if (count < wanted) return `${problem} Mend it with: ${kafkaTopics} --alter --topic ${topic} --partitions ${wanted}`;
  return (
    `${problem} Kafka cannot take partitions away. When the topic holds nothing that is still wanted: ` +
    `${kafkaTopics} --delete --topic ${topic}, then: kairos migrate`
  );
}
