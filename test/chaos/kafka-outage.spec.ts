import { setTimeout as pause } from 'node:timers/promises';
import type { AppendRequest } from '#engine';
import { ensureTopics, KafkaEventStream } from '#streams';
import { describeWhereKafkaCanRun, waitUntil } from '#testkit';
import { startKafka, type KafkaCluster } from '../../tools/kafka/kafka-broker.mjs';
import { CollectingOwner } from '../integration/collecting-owner.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };
const PARTITIONS = 6;

describeWhereKafkaCanRun('the event stream while brokers die', () => {
  let cluster: KafkaCluster;
  const closing: (() => Promise<unknown>)[] = [];
  const open = () => {
    const connection = { brokers: cluster.brokers.split(',') };
    const stream = new KafkaEventStream({
      name: 'events',
      group: 'owners',
      partitions: PARTITIONS,
      connection,
      clock,
      log: silent,
      sessionTimeoutMs: 6_000,
    });
    closing.push(() => stream.close());
    return stream;
  };

  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3, quiet: true });
    await ensureTopics({ brokers: cluster.brokers.split(',') }, [{ topic: 'events', partitions: PARTITIONS }], silent);
  }, 300_000);

  afterAll(async () => {
    while (closing.length > 0) await closing.pop()!();
    await cluster?.stop();
  });

  it('loses nothing that was acknowledged, keeps its order, and goes on by itself', async () => {
    const stream = open();
    const owners = [new CollectingOwner(), new CollectingOwner()];
    for (const owner of owners) await open().own(owner);
    const acknowledged: string[][] = Array.from({ length: PARTITIONS }, () => []);
    let refused = 0;
    let writing = true;
    const writers = acknowledged.map(async (mine, partition) => {
      for (let k = 0; writing; k++) {
        const request: AppendRequest = { key: null, partition, value: Buffer.from(`${partition}:${k}`) };
        // As every caller has to: again until it is acknowledged, before anything later.
        while (
          !(await stream.append([request]).then(
            () => true,
            () => (refused++, false),
          ))
        )
          await pause(100);
        mine.push(`${partition}:${k}`);
      }
    });
    const soFar = () => acknowledged.reduce((sum, mine) => sum + mine.length, 0);
    const more = (count: number) =>
      ((target) => waitUntil(`${count} more records`, () => soFar() > target, 90_000))(soFar() + count);
    for (const broker of [0, 1, 2]) {
      await more(300);
      await cluster.kill(broker);
      await more(300);
      await cluster.restart(broker);
    }
    // All at once: nothing can be written until one is back.
    await Promise.all([0, 1, 2].map((broker) => cluster.kill(broker)));
    await Promise.all([0, 1, 2].map((broker) => cluster.restart(broker)));
    await more(300);
    writing = false;
    await Promise.all(writers);
    const positions = (partition: number) =>
      owners.flatMap(({ records }) => records.all).filter((record) => record.partition === partition);
    for (const [partition, mine] of acknowledged.entries()) {
      const last = mine.at(-1)!;
      await waitUntil(
        'the last record',
        () => positions(partition).some(({ value }) => Buffer.from(value!).toString() === last),
        60_000,
      );
      // Two owners without a fence may both have read a record: by offset it is one.
      const log = new Map(positions(partition).map(({ offset, value }) => [offset, Buffer.from(value!).toString()]));
      const inOrder = [...log].sort(([a], [b]) => a - b).map(([, value]) => value);
      expect(inOrder.length - mine.length).toBeLessThanOrEqual(refused);
      expect([...new Set(inOrder)]).toEqual(mine);
    }
  }, 400_000);
});
