import { kafkaOf, type LoadedTopic } from '../pipeline/topics.js';
import { measureWithServer } from '../measure/processor-time.js';
import { profile } from '../measure/profile.js';
import { beSide, type Sample } from '../measure/side.js';
import { observerOf, startBenchEngine } from '../pipeline/bench-engine.js';

export interface TimersJob {
  readonly brokers: string;
  readonly warmUp: TimersTopic;
  readonly measured: TimersTopic;
}

interface TimersTopic {
  /** Of each customer one cart event, within the first hour of the recording. */
  readonly loaded: LoadedTopic;
  readonly databaseUrl: string;
}

/** Measured is from the moment when all waits are over, which one more event in each partition says, to the last commit. */
async function fireAll(brokers: string, { loaded, databaseUrl }: TimersTopic): Promise<Sample> {
  const { topic, partitions, events } = loaded;
  let [committed, fired] = [0, 0];
  let [finishLoading, finish] = [(): void => undefined, (): void => undefined];
  const waiting = new Promise<void>((resolve) => (finishLoading = resolve));
  const over = new Promise<void>((resolve) => (finish = resolve));
  const observer = observerOf({
    batchCommitted: (_, records) => void ((committed += records) === events && finishLoading()),
    timersFired: (counts) => void ((fired += counts.fired + counts.late) === events && finish()),
  });
  const stop = await startBenchEngine({ brokers, loaded, databaseUrl, rules: 1, observer });
  await waiting;
  if (fired > 0) throw new Error('some waits were over too early');
  const producer = kafkaOf(brokers).producer();
  await producer.connect();
  const begin = await measureWithServer(databaseUrl);
  const done = begin();
  const passing = JSON.stringify({ type: 'track', event: 'Product Viewed', userId: 'somebody else' });
  const messages = Array.from({ length: partitions }, (_, partition) => ({ partition, value: passing }));
  await producer.send({ topic, messages });
  await over;
  const sample = done(events);
  await producer.disconnect();
  await stop();
  return sample;
}

await beSide(async ({ brokers, warmUp, measured }: TimersJob) => {
  await fireAll(brokers, warmUp);
  const profiled = await profile('timers');
  const sample = await fireAll(brokers, measured);
  await profiled();
  return { sample, result: null };
});
