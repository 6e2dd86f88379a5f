import { ensureTopics } from '#streams';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { partitionFor } from '#core';
import { ShopTraffic, type ShopEventKind } from '../traffic/shop-traffic.js';
import { quiet } from './quiet.js';
import { scaledClock } from './scaled-clock.js';

export interface LoadedTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly events: number;
  /** Of the scaled clock: real ms at which loading began and ended. */
  readonly origin: number;
  readonly end: number;
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

/** A topic as Kairos lays it out, filled with a shop's traffic whose timestamps are those of the scaled clock. */
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
  const origin = Date.now();
  const clock = scaledClock(origin);
  const traffic = new ShopTraffic(customers, events);
  for (let sent = 0; sent < events; sent += PER_REQUEST) {
    await send(producer, topic, Math.min(PER_REQUEST, events - sent), () => traffic.next(clock.now()), partitions);
  }
  await producer.disconnect();
  return { topic, partitions, events, origin, end: Date.now() };
}

async function send(
  producer: Producer,
  topic: string,
  count: number,
  next: () => { customer: string; json: string },
  partitions: number,
): Promise<void> {
  const messages = Array.from({ length: count }, () => {
    const { customer, json } = next();
    return { key: customer, value: json, partition: partitionFor(customer, partitions) };
  });
  await producer.send({ topic, acks: -1, messages });
}

export async function dropTopics(brokers: string, topics: readonly string[]): Promise<void> {
  const admin: Admin = kafkaOf(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [...topics] }).finally(() => admin.disconnect());
}

export type Kinds = { readonly [kind in ShopEventKind]: number };
