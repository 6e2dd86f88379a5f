import { createHash } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { kafkaOf, type LoadedTopic } from './topics.js';
import { recordingClock } from './recording-clock.js';

/** What stands in the database after the topic was read to its end. */
export interface Found {
  readonly started: number;
  readonly stopped: number;
  readonly planned: number;
  readonly cancelled: number;
  /** Runs that still wait. */
  readonly waiting: number;
  /** Over the sorted lines `customer planned-at` of all messages. */
  readonly messages: string;
}

export interface Expected {
  readonly found: Found;
  /** By partition and offset: 0 view, 1 cart, 2 order. */
  readonly kinds: readonly Uint8Array[];
}

interface Run {
  /** Of the first cart event; later ones begin the wait anew. */
  fireAt: number;
  due: number;
}

interface PartitionLog {
  logTime: number;
  readonly kinds: number[];
  readonly runs: Map<string, Run>;
  readonly open: Map<string, number>;
}

const HOUR_MS = 3_600_000;
const GRACE_MS = 10_000;
const KINDS = ['Product Viewed', 'Product Added', 'Order Completed'];

/** Reads the topic once and applies the one rule, written by hand: shares nothing with the engine. */
export async function readExpected(brokers: string, loaded: LoadedTopic): Promise<Expected> {
  const reading = new ExpectedRuns(loaded);
  const consumer = kafkaOf(brokers).consumer({ groupId: `expected-${loaded.topic}` });
  await consumer.connect();
  await consumer.subscribe({ topic: loaded.topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          try {
            for (const message of batch.messages) reading.apply(batch.partition, message);
            if (reading.count >= loaded.events) resolve();
          } catch (error) {
            reject(error);
          }
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return reading.end();
}

class ExpectedRuns {
  count = 0;
  private started = 0;
  private stopped = 0;
  private cancelled = 0;
  private readonly planned: string[] = [];
  private readonly partitions: PartitionLog[];
  private readonly at: (real: number) => number;

  constructor(loaded: LoadedTopic) {
    this.at = recordingClock(loaded.marks).at;
    this.partitions = Array.from({ length: loaded.partitions }, () => ({
      logTime: 0,
      kinds: [],
      runs: new Map(),
      open: new Map(),
    }));
  }

  apply(partition: number, { offset, timestamp, value }: KafkaMessage): void {
    const log = this.partitions[partition]!;
    log.logTime = Math.max(log.logTime, this.at(Number(timestamp)));
    const call = JSON.parse(value!.toString()) as { event: string; userId: string; timestamp: string };
    if (log.kinds.length !== Number(offset)) throw new Error(`offset ${offset} came after ${log.kinds.length - 1}`);
    log.kinds.push(KINDS.indexOf(call.event));
    this.count++;
    this.fire(log, call.userId);
    const time = Math.min(Date.parse(call.timestamp), log.logTime);
    if (call.event === 'Product Added') this.cart(log, call.userId, time);
    if (call.event === 'Order Completed') this.order(log, call.userId);
  }

  end(): Expected {
    let waiting = 0;
    for (const log of this.partitions) {
      for (const customer of [...log.runs.keys()]) this.fire(log, customer);
      waiting += log.runs.size;
    }
    const messages = createHash('sha256').update(this.planned.sort().join('\n')).digest('hex');
    const { started, stopped, cancelled, planned } = this;
    return {
      found: { started, stopped, planned: planned.length, cancelled, waiting, messages },
      kinds: this.partitions.map(({ kinds }) => Uint8Array.from(kinds)),
    };
  }

  private cart(log: PartitionLog, customer: string, time: number): void {
    if (!log.runs.has(customer)) this.started++;
    const due = time + HOUR_MS;
    if (due + GRACE_MS <= log.logTime) throw new Error('the traffic is an hour late: load the topic faster');
    log.runs.set(customer, { due, fireAt: due + GRACE_MS });
  }

  private order(log: PartitionLog, customer: string): void {
    if (log.runs.delete(customer)) this.stopped++;
    this.cancelled += log.open.get(customer) ?? 0;
    log.open.delete(customer);
  }

  private fire({ runs, open, logTime }: PartitionLog, customer: string): void {
    const run = runs.get(customer);
    if (run === undefined || run.fireAt >= logTime) return;
    runs.delete(customer);
    open.set(customer, (open.get(customer) ?? 0) + 1);
    this.planned.push(`${customer} ${run.due}`);
  }
}
