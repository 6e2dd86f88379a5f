import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Producer } from 'kafkajs';
import type { ShopCall } from './traffic.js';

const RETRY_MS = 100;
const PATIENCE_MS = 120_000;

/** A call as it goes over the wire. */
export type SentCall = ShopCall & { readonly timestamp: string };

/** Sends calls as a careful client does: again until they were acknowledged. */
export interface ShopClient {
  /** Resolves when all of them were taken; rejects when it was closed before. `misplaced`: to another partition than the key's. */
  send(calls: readonly SentCall[], misplaced?: readonly boolean[]): Promise<void>;
  close(): Promise<void>;
}

/** Segment's batch API. A refusal that is for good is thrown; everything else is tried again. */
export function httpClient(url: string, writeKey: string): ShopClient {
  const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const post = async (body: string): Promise<boolean> => {
    const answer = await fetch(`${url}/v1/batch`, { method: 'POST', headers, body }).catch(() => null);
    if (answer === null) return false;
    const text = await answer.text();
    if (answer.status >= 400 && answer.status < 500) throw new Error(`the collector refused a batch: ${text}`);
    return answer.ok;
  };
  let closed = false;
  return {
    send: (batch) =>
      untilTaken(
        () => post(JSON.stringify({ batch })),
        () => closed,
      ),
    close: async () => void (closed = true),
  };
}

/** A plain producer with the partitioner of Java's clients, which knows nothing of Kairos but the topic. */
export async function kafkaProducer(brokers: string[], topic: string, partitions: number): Promise<ShopClient> {
  const kafka = new kafkajs.Kafka({ clientId: 'shop', brokers, logLevel: kafkajs.logLevel.NOTHING });
  const place = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
  const producer: Producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  let closed = false;
  return {
    send: (calls, misplaced = []) => {
      const messages = calls.map((call, k) => {
        const message = { key: call.userId ?? call.anonymousId!, value: JSON.stringify(call) };
        const home = place({ topic, partitionMetadata: partitionMetadata as never, message });
        return { ...message, partition: misplaced[k] === true ? (home + 1) % partitions : home };
      });
      const produce = async (): Promise<boolean> => {
        const written = await producer.send({ topic, acks: -1, messages });
        // kafkajs resolves without having sent what lies in a partition that has just moved to another broker.
        const answered = new Set(written.map(({ partition }) => partition));
        return messages.every(({ partition }) => answered.has(partition));
      };
      return untilTaken(
        () => produce().catch(() => false),
        () => closed,
      );
    },
    close: () => {
      closed = true;
      return producer.disconnect();
    },
  };
}

async function untilTaken(attempt: () => Promise<boolean>, closed: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await attempt())) {
    if (closed() || performance.now() > deadline) throw new Error('nobody took the events');
    await pause(RETRY_MS);
  }
}
