import { type Kafka, type Message, type Producer, type RecordMetadata } from 'kafkajs';
import { StoreError } from '#engine';
import type { PlacedRecord } from '../append/place-records.js';
import { RETRY } from './kafka-client.js';
import { kafkaError } from './kafka-error.js';

const PRODUCE_TIMEOUT_MS = 10_000;

/**
 * Writes one group of records at a time with an idempotent producer and acks=all. After a failure the producer is thrown
 * away: kafkajs would give the sequence numbers of records that may have been written to the next ones, and the broker
 * would acknowledge those as duplicates without writing them.
 */
export class KafkaAppender {
  private producer: Promise<Producer> | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
  ) {}

  readonly write = async (records: readonly PlacedRecord[]): Promise<readonly number[]> => {
    try {
      const producer = await (this.producer ??= this.connect());
      const messages = records.map(toMessage);
      const written = await producer.send({ topic: this.topic, acks: -1, timeout: PRODUCE_TIMEOUT_MS, messages });
      return offsetsOf(records, written);
    } catch (error) {
      await this.close();
      throw kafkaError(`records could not be appended to ${this.topic}`, error);
    }
  };

  async close(): Promise<void> {
    const producer = this.producer;
    this.producer = null;
    await producer?.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      // Every record names its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
      retry: RETRY,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }
}

function toMessage({ partition, key, value, headers }: PlacedRecord): Message {
  return headers === null ? { partition, key, value } : { partition, key, value, headers: { ...headers } };
}

/**
 * kafkajs resolves even where a partition moved to a broker that had already answered for others: its records were then
 * never sent. Only a partition that was answered for counts as written.
 */
function offsetsOf(records: readonly PlacedRecord[], written: readonly RecordMetadata[]): number[] {
  const next = new Map(written.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
  return records.map(({ partition }) => {
    const offset = next.get(partition);
    if (offset === undefined || !(offset >= 0)) {
      throw new StoreError(`partition ${partition} did not acknowledge its records`, 'stream_unavailable', true);
    }
    next.set(partition, offset + 1);
    return offset;
  });
}
