import {
  TriggerEngine,
  type EngineObserver,
  type EventStream,
  type OwnershipListener,
  type PartitionStore,
} from '#engine';
import { PostgresPartitionStore, PostgresPool } from '#postgres';
import { KafkaEventStream } from '#streams';
import { rulesetsFrom } from '../traffic/rulesets-from.js';
import { ABANDONED_CART, amongMany } from './abandoned-cart.js';
import { quiet } from './quiet.js';
import { recordingClock } from './recording-clock.js';
import type { LoadedTopic } from './topics.js';

export interface BenchEngineOptions {
  readonly brokers: string;
  readonly loaded: LoadedTopic;
  readonly databaseUrl: string;
  /** The rule alone, or among 499 others. */
  readonly rules: 1 | 500;
  readonly observer: EngineObserver;
  readonly onAssigned?: () => void;
  readonly storeOf?: (store: PartitionStore) => PartitionStore;
}

const CACHE_BYTES = 256 * 1024 * 1024;
const CONNECTIONS = 16;

/** Starts the trigger engine as its service runs it; returns what ends it. */
export async function startBenchEngine(use: BenchEngineOptions): Promise<() => Promise<void>> {
  const { topic, partitions, marks } = use.loaded;
  const clock = recordingClock(marks);
  const pool = new PostgresPool({
    url: use.databaseUrl,
    applicationName: 'kairos-bench',
    max: CONNECTIONS,
    log: (line) => quiet.warn(line),
  });
  const kafka = new KafkaEventStream({
    name: topic,
    group: `engine-${topic}-${process.pid}-${Date.now()}`,
    partitions,
    connection: { brokers: use.brokers.split(',') },
    clock,
    log: quiet,
  });
  const store = new PostgresPartitionStore(pool, topic);
  const rulesets = rulesetsFrom(use.rules === 1 ? { 'abandoned-cart': ABANDONED_CART } : amongMany());
  const engine = new TriggerEngine({
    store: use.storeOf?.(store) ?? store,
    stream: readOnly(kafka, use.onAssigned ?? (() => undefined)),
    deadLetters: null,
    history: null,
    rulesets,
    rulesetsAt: () => Promise.resolve(rulesets),
    clock,
    observer: use.observer,
    log: quiet,
    owner: 'bench',
    cacheBytes: CACHE_BYTES,
  });
  await engine.start();
  return async () => {
    await engine.stop();
    await kafka.close();
    await pool.end();
  };
}

/** All rounds read the same topic: nothing may be added to it, the ticks of a busy engine neither. */
function readOnly(stream: KafkaEventStream, onAssigned: () => void): EventStream {
  return {
    name: stream.name,
    partitionCount: () => stream.partitionCount(),
    append: async () => [],
    close: () => stream.close(),
    own: (listener: OwnershipListener) =>
      stream.own({
        assigned: (feed) => {
          onAssigned();
          listener.assigned(feed);
        },
        revoked: (feed) => listener.revoked(feed),
      }),
  };
}

const ignore = (): void => undefined;

/** Hears only what it is given. */
export function observerOf(heard: Partial<EngineObserver>): EngineObserver {
  return {
    batchCommitted: ignore,
    progress: ignore,
    cacheLookups: ignore,
    timersPending: ignore,
    timersFired: ignore,
    runsStarted: ignore,
    deadLettered: ignore,
    forwarded: ignore,
    suspended: ignore,
    released: ignore,
    partitions: ignore,
    fenceLost: ignore,
    ...heard,
  };
}
