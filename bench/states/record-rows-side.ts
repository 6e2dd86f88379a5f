import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import type { PartitionStore } from '#engine';
import { beSide } from '../measure/side.js';
import { observerOf, startBenchEngine } from '../pipeline/bench-engine.js';
import type { LoadedTopic } from '../pipeline/topics.js';
import type { WrittenRows } from './written-rows.js';

export interface RecordJob {
  readonly brokers: string;
  readonly loaded: LoadedTopic;
  readonly databaseUrl: string;
  /** File that the rows are written to. */
  readonly path: string;
}

/** Reads a topic once as the engine does and writes down which rows its commits put into `customer_state`. */
await beSide(async ({ brokers, loaded, databaseUrl, path }: RecordJob) => {
  const written: WrittenRows[] = [];
  let committed = 0;
  let finish: () => void;
  const all = new Promise<void>((resolve) => (finish = resolve));
  const recording = (store: PartitionStore): PartitionStore => {
    const commit = store.commit.bind(store);
    store.commit = async (partition, draft) => {
      const { states } = draft;
      const kept = states.filter(({ state }) => state !== null);
      written.push({
        partition,
        customerIds: kept.map(({ customerId }) => customerId),
        nextFires: kept.map(({ nextFire }) => nextFire),
        states: kept.map(({ state }) => state!.slice()),
      });
      return commit(partition, draft);
    };
    return store;
  };
  const batchCommitted = (_: number, records: number): void => {
    committed += records;
    if (committed >= loaded.events) finish();
  };
  const stop = await startBenchEngine({
    brokers,
    loaded,
    databaseUrl,
    rules: 1,
    observer: observerOf({ batchCommitted }),
    storeOf: recording,
  });
  await all;
  await stop();
  writeFileSync(path, serialize(written));
  return { sample: { events: committed, cpu: 0, wall: 0 }, result: null };
});
