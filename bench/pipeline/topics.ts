import { ensureTopics } from '#streams';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { partitionFor } from '#core';
import { ShopTraffic, type ShopEvent } from '../traffic/shop-traffic.js';
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

/** A topic as Kairos lays it out, filled with two hours of a shop's traffic, or of nothing but carts that are filled. */
export async function loadTopic(
  brokers: string,
  topic: string,
  { partitions, events, customers }: TopicSize,
  traffic: 'all' | 'cart' = 'all',
): Promise<LoadedTopic> {
  const shop = new ShopTraffic(customers, events);
  const marks = await fill(brokers, { topic, partitions, events }, (k) => {
    // Nothing reaches the log before it has happened: each call belongs to the request before.
    const time = recordingTime(Math.max(0, k - PER_REQUEST) / events);
    return traffic === 'all' ? shop.next(time) : shop.cart(time);
  });
  return { topic, partitions, events, marks: [...marks, Date.now() + 1] };
}

/** Every customer fills a cart within the first hour; whatever is added later belongs to the end of the second. */
export async function loadCarts(
  brokers: string,
  topic: string,
  partitions: number,
  customers: number,
): Promise<LoadedTopic> {
  const shop = new ShopTraffic(customers, customers);
  const layout = { topic, partitions, events: customers };
  const [begin] = await fill(brokers, layout, (k) => shop.cartOf(k, recordingTime(0)));
  const end = Date.now() + 1;
  return { ...layout, marks: [begin!, end, end + 1] };
}

/** Returns when each request was sent, real ms. */
async function fill(
  brokers: string,
  { topic, partitions, events }: Omit<LoadedTopic, 'marks'>,
  eventAt: (k: number) => ShopEvent,
): Promise<number[]> {
  await ensureTopics({ brokers: brokers.split(',') }, [{ topic, partitions }], quiet);
  const producer = kafkaOf(brokers).producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  });
  await producer.connect();
  const marks: number[] = [];
  for (let sent = 0; sent < events; sent += PER_REQUEST) {
    const messages = Array.from({ length: Math.min(PER_REQUEST, events - sent) }, (_, k) => {
      const { customer, json } = eventAt(sent + k);
      return { key: customer, value: json, partition: partitionFor(customer, partitions) };
    });
    marks.push(Date.now());
    await producer.send({ topic, acks: -1, messages });
  }
  await producer.disconnect();
  return marks;
}

export async function dropTopics(brokers: string, topics: readonly string[]): Promise<void> {
  const admin: Admin = kafkaOf(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [...topics] }).finally(() => admin.disconnect());
}
