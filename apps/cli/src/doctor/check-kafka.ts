import kafkajs, { type Admin, type SASLOptions } from 'kafkajs';
import type { Config, KafkaConfig } from '#config';
import { DEAD_LETTERS_TOPIC, EVENTS_TOPIC } from '#hosting';
import { fail, ok, warn, type Check } from './check.js';

const NAME = 'Kafka';
const TIMEOUT_MS = 5_000;
const SAFE_REPLICAS = 3;

/** Reachable, topics there and laid out as Kairos needs them; nothing is created. */
export async function checkKafka({ kafka }: Config): Promise<readonly Check[]> {
  if (kafka === null) return [ok(NAME, 'not used (KAFKA_BROKERS is not set): events are kept in the database')];
  const admin = client(kafka).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const reached = ok(
      NAME,
      `${brokers.length === 1 ? '1 broker' : `${brokers.length} brokers`} at ${kafka.brokers.join(', ')}`,
    );
    return [reached, ...(await checkTopics(admin, brokers.length, kafka))];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      fail(
        NAME,
        `${kafka.brokers.join(', ')} cannot be used (${message})`,
        'check KAFKA_BROKERS, KAFKA_SSL and KAFKA_SASL_*, and that the brokers run',
      ),
    ];
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

function client({ brokers, ssl, sasl }: KafkaConfig): kafkajs.Kafka {
  return new kafkajs.Kafka({
    clientId: 'kairos-doctor',
    brokers: [...brokers],
    ssl,
    ...(sasl === null ? {} : { sasl: sasl as SASLOptions }),
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retry: { retries: 1 },
    logLevel: kafkajs.logLevel.NOTHING,
  });
}

async function checkTopics(admin: Admin, brokers: number, kafka: KafkaConfig): Promise<readonly Check[]> {
  const existing = await admin.listTopics();
  const checks: Promise<Check>[] = [EVENTS_TOPIC, DEAD_LETTERS_TOPIC].map((topic) =>
    existing.includes(topic)
      ? checkTopic(admin, topic, brokers, kafka)
      : Promise.resolve(fail(`topic ${topic}`, 'does not exist', 'kairos migrate')),
  );
  return Promise.all(checks);
}

async function checkTopic(
  admin: Admin,
  topic: string,
  brokers: number,
  { brokers: [bootstrap] }: KafkaConfig,
): Promise<Check> {
  const name = `topic ${topic}`;
  const configNames = ['message.timestamp.type', 'min.insync.replicas'];
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const settings = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
  const alter = (setting: string): string =>
    `kafka-configs.sh --bootstrap-server ${bootstrap} --alter --entity-type topics --entity-name ${topic} --add-config ${setting}`;
  const stamp = settings.get('message.timestamp.type');
  if (stamp !== 'LogAppendTime') {
    return fail(
      name,
      `message.timestamp.type is ${stamp}: timers would follow the clocks of producers`,
      alter('message.timestamp.type=LogAppendTime'),
    );
  }
  const partitions = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions ?? [];
  const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
  const detail = `${partitions.length} partitions, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;
  if (brokers >= SAFE_REPLICAS && replicas < SAFE_REPLICAS)
    return warn(
      name,
      `${detail}: what one broker loses is lost`,
      'make it with 3 replicas (kafka-reassign-partitions.sh)',
    );
  if (replicas >= SAFE_REPLICAS && Number(settings.get('min.insync.replicas') ?? 1) < 2)
    return warn(name, `${detail}, min.insync.replicas 1`, alter('min.insync.replicas=2'));
  return ok(name, detail);
}
