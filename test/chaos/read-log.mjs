import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;

/** Every record of a topic, by a plain consumer that has nothing to do with Kairos: in order within each partition. */
export async function readLog(brokers, topic) {
  const kafka = new Kafka({ clientId: 'checker', brokers, logLevel: logLevel.NOTHING });
  const ends = await endsOf(kafka, topic);
  const records = [];
  if (ends.size === 0) return records;
  const consumer = kafka.consumer({ groupId: `checker-${randomUUID()}` });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachBatch = async ({ batch }) => {
        for (const message of batch.messages) records.push(recordOf(batch.partition, message));
        if (Number(batch.lastOffset()) + 1 >= (ends.get(batch.partition) ?? 0)) ends.delete(batch.partition);
        if (ends.size === 0) resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
    return records;
  } finally {
    await consumer.disconnect();
  }
}

/** Partition → offset behind its last record; partitions without records are left out. */
async function endsOf(kafka, topic) {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]).filter(([, high]) => high > 0));
  } finally {
    await admin.disconnect();
  }
}

function recordOf(partition, { offset, timestamp, key, value, headers }) {
  return {
    partition,
    offset: Number(offset),
    appendTime: Number(timestamp),
    key: key === null ? null : key.toString(),
    value: value === null ? null : value.toString(),
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])),
  };
}
