import { profile } from '../measure/profile.js';
import { beSide, measure, type Sample } from '../measure/side.js';
import { kafkaOf } from './topics.js';
import { FETCH, type ConsumeJob, type Read } from './consume-job.js';

/** kafkajs' own batches and JSON.parse, nothing else: what any Node consumer of this topic has to do. */
async function consume({ brokers, topic, partitions, events }: ConsumeJob): Promise<{ sample: Sample; read: Read }> {
  const kinds: Record<string, number> = {};
  const consumer = kafkaOf(brokers).consumer({ groupId: `raw-${topic}-${process.pid}-${Date.now()}`, ...FETCH });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let count = 0;
  const next = new Array<number>(partitions).fill(0);
  let done: ReturnType<typeof measure>;
  consumer.on(consumer.events.GROUP_JOIN, () => (done = measure()));
  const sample = await new Promise<Sample>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const { value } of batch.messages) {
            const { event } = JSON.parse(value!.toString()) as { event: string };
            kinds[event] = (kinds[event] ?? 0) + 1;
          }
          next[batch.partition] = Number(batch.lastOffset()) + 1;
          count += batch.messages.length;
          if (count >= events) resolve(done(count));
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return { sample, read: { next, kinds } };
}

await beSide(async ({ warmUp, measured }: { warmUp: ConsumeJob; measured: ConsumeJob }) => {
  await consume(warmUp);
  const profiled = await profile('raw');
  const { sample, read } = await consume(measured);
  await profiled();
  return { sample, result: read };
});
