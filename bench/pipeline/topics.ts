import { ensureTopics } from '#streams';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { partitionFor } from '#core';
import { ShopTraffic } from '../traffic/shop-traffic.js';
import { quiet } from './quiet.js';
import { recordingTime } from './recording-clock.js';

export interface LoadedTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly events: number;
  /** Of the recording's clock: when each request was sent, and when the last one was answered, real ms. */
  readonly marks: readonly number[];
}

export interface TopicSize {
  readonly partitions: number;
  readonly events: number;
  readonly customers: number;
}

const PER_REQUEST = 4000;

export function kafkaOf(brokers: string): Kafka {
  return new Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}

/** A topic as Kairos lays it out, filled with two hours of a shop's traffic. */
export async function loadTopic(brokers: string, topic: string, size: TopicSize): Promise<LoadedTopic> {
  const { partitions, events, customers } = size;
  await ensureTopics({ brokers: brokers.split(',') }, [{ topic, partitions }], quiet);
  const producer = kafkaOf(brokers).producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  });
  await producer.connect();
  const traffic = new ShopTraffic(customers, events);
  const marks: number[] = [];
  for (let sent = 0; sent < events; sent += PER_REQUEST) {
    const messages = Array.from({ length: Math.min(PER_REQUEST, events - sent) }, (_, k) => {
      // Nothing reaches the log before it has happened: each call belongs to the request before.
      const { customer, json } = traffic.next(recordingTime(Math.max(0, sent + k - PER_REQUEST) / events));
      return { key: customer, value: json, partition: partitionFor(customer, partitions) };
    });
    marks.push(Date.now());
    await producer.send({ topic, acks: -1, messages });
  }
  await producer.disconnect();
  return { topic, partitions, events, marks: [...marks, Date.now() + 1] };
}

export async function dropTopics(brokers: string, topics: readonly string[]): Promise<void> {
  const admin: Admin = kafkaOf(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [...topics] }).finally(() => admin.disconnect());
}
