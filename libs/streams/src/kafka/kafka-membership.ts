import type {
  Consumer,
  ConsumerCrashEvent,
  ConsumerGroupJoinEvent,
  ConsumerRunConfig,
  ConsumerStartBatchProcessEvent,
  LogEntry,
} from 'kafkajs';
import { StreamLayoutError, type Clock, type Log, type OwnershipListener, type StreamMembership } from '#engine';
import { QueuedFeed, type FeedSource } from '../feed/queued-feed.js';
import { kafkaClient, RETRY, type KafkaConnection } from './kafka-client.js';
import { kafkaError } from './kafka-error.js';
import type { KafkaPositions } from './kafka-positions.js';
import { readBatch, type FetchedBatch } from './read-batch.js';
import { MARKED_FETCH_BYTES } from './record-batches.js';
import { stickyAssigner } from './sticky-assigner.js';

export interface KafkaMembershipOptions {
  readonly topic: string;
  readonly group: string;
  readonly connection: KafkaConnection;
  readonly positions: KafkaPositions;
  readonly clock: Clock;
  readonly log: Log;
  readonly sessionTimeoutMs: number;
}

/** Short, since a heartbeat and the fetch of a partition that was just resumed wait for an empty fetch to end. */
const FETCH_WAIT_MS = 100;
const FETCH_BYTES_OF_PARTITION = 1024 * 1024;
const RESTART_AFTER_MS = 5_000;

/**
 * Membership in the group of owners. kafkajs is a prefetching reader, nothing more (engine.md): `eachBatch` only appends
 * to the partition's queue and returns, no offset is ever committed to Kafka.
 *
 *   GROUP_JOIN → all partitions paused, old feeds closed, new feeds given out (synchronously)
 *   feed.seek  → layout and range checked → kafkajs seeks and resumes
 *   eachBatch  → taken iff it was fetched from exactly the offset the feed expects
 *
 * Anything else that arrives is stale (queued in kafkajs before a pause, a seek or a join) or the sign of a jump that
 * kafkajs made silently: it is dropped, the range is asked for again, and kafkajs is sent back to the expected offset.
 * Where kafkajs takes records apart itself (old brokers, record-batches.ts), fetches of which nothing but transaction
 * markers and aborted records came never reach `eachBatch`; they are seen as instrumentation events and become empty
 * batches, so no gap has to be taken on trust.
 */
export class KafkaMembership implements StreamMembership, FeedSource {
  confirmedAt = 0;
  private readonly feeds = new Map<number, QueuedFeed>();
  private readonly resyncing = new Set<QueuedFeed>();
  private readonly consumer: Consumer;
  /** Partitions of the latest join, also when it is over: what to ask for again. */
  private latest: readonly number[] = [];
  private join = 0;
  private layout: Promise<void> | null = null;
  private leaving = false;
  private restart: NodeJS.Timeout | undefined;

  constructor(
    private readonly use: KafkaMembershipOptions,
    private readonly listener: OwnershipListener,
  ) {
    const { connection, group, topic, sessionTimeoutMs, log } = use;
    const client = kafkaClient(connection, log, (entry) => this.heardFromKafkajs(entry));
    this.consumer = client.consumer({
      groupId: group,
      partitionAssigners: [stickyAssigner(topic, () => this.latest)],
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeoutMs / 4)),
      rebalanceTimeout: Math.max(30_000, sessionTimeoutMs),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytesPerPartition: FETCH_BYTES_OF_PARTITION,
      maxBytes: MARKED_FETCH_BYTES,
      allowAutoTopicCreation: false,
      retry: RETRY,
    });
    const { events } = this.consumer;
    this.consumer.on(events.GROUP_JOIN, (event) => this.joined(event));
    this.consumer.on(events.HEARTBEAT, () => void (this.confirmedAt = Date.now()));
    this.consumer.on(events.START_BATCH_PROCESS, (event) => this.steppedOver(event));
    this.consumer.on(events.CRASH, (event) => this.crashed(event));
    this.consumer.on(events.STOP, () => this.closeFeeds());
    this.consumer.on(events.DISCONNECT, () => this.closeFeeds());
  }

  /** Resolves after the first join. */
  async start(): Promise<void> {
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [this.use.topic], fromBeginning: true });
      await this.consumer.run(this.runConfig());
    } catch (error) {
      await this.leave();
      throw kafkaError(`the group ${this.use.group} could not be joined`, error);
    }
  }

  async leave(): Promise<void> {
    this.leaving = true;
    clearTimeout(this.restart);
    this.closeFeeds();
    await this.consumer
      .disconnect()
      .catch((error: unknown) => this.use.log.warn('the group was left without a farewell', { error: String(error) }));
  }

  async begin(feed: QueuedFeed, offset: number): Promise<void> {
    this.full(feed);
    await this.checkLayout();
    const end = await this.use.positions.checkHolds(feed.partition, offset);
    if (!feed.current) return;
    feed.logEnd = end;
    feed.begin(offset);
    this.sendTo(feed, offset);
  }

  full(feed: QueuedFeed): void {
    this.consumer.pause([this.places(feed)]);
  }

  hungry(feed: QueuedFeed): void {
    if (feed.current) this.consumer.resume([this.places(feed)]);
  }

  private runConfig(): ConsumerRunConfig {
    return {
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        if (!this.accept(batch as FetchedBatch)) return;
        // Throws where the assignment changed since the fetch; the next join begins elsewhere anyway.
        try {
          resolveOffset(batch.lastOffset());
        } catch {
          this.use.log.info('a batch came after its assignment', { partition: batch.partition });
        }
      },
    };
  }

  /** Synchronous to its end: kafkajs fetches as soon as its event handler returns. */
  private joined({ payload }: ConsumerGroupJoinEvent): void {
    const { topic } = this.use;
    const partitions = payload.memberAssignment[topic] ?? [];
    this.consumer.pause([{ topic, partitions }]);
    this.confirmedAt = Date.now();
    this.latest = partitions;
    this.join++;
    this.layout = null;
    this.closeFeeds();
    for (const partition of partitions) this.feeds.set(partition, new QueuedFeed(partition, this.join, this));
    for (const feed of [...this.feeds.values()]) this.listener.assigned(feed);
  }

  private accept(batch: FetchedBatch): boolean {
    const feed = this.feeds.get(batch.partition);
    if (feed === undefined || feed.expected === null) return false;
    feed.logEnd = Math.max(feed.logEnd ?? 0, Number(batch.highWatermark));
    if (Number(batch.fetchedOffset) !== feed.expected) {
      void this.resync(feed);
      return false;
    }
    const { records, bytes } = readBatch(batch, this.use.clock);
    feed.push({ records, nextOffset: Number(batch.lastOffset()) + 1 }, bytes);
    return true;
  }

  /** kafkajs resolves by itself what holds no record for us. */
  private steppedOver({ payload }: ConsumerStartBatchProcessEvent): void {
    const feed = this.feeds.get(payload.partition);
    if (payload.batchSize > 0 || feed === undefined || feed.expected === null) return;
    if (Number(payload.firstOffset ?? payload.lastOffset) !== feed.expected) void this.resync(feed);
    else feed.push({ records: [], nextOffset: Number(payload.lastOffset) + 1 }, 0);
  }

  private async resync(feed: QueuedFeed): Promise<void> {
    if (this.resyncing.has(feed)) return;
    this.resyncing.add(feed);
    try {
      const { expected } = feed;
      if (expected === null) return;
      this.full(feed);
      await this.use.positions.checkHolds(feed.partition, expected);
      if (feed.current && feed.expected !== null) this.sendTo(feed, feed.expected);
    } catch (error) {
      if (feed.current) feed.fail(error as Error);
    } finally {
      this.resyncing.delete(feed);
    }
  }

  private sendTo(feed: QueuedFeed, offset: number): void {
    const { topic } = this.use;
    this.consumer.seek({ topic, partition: feed.partition, offset: String(offset) });
    if (feed.wantsMore) this.consumer.resume([this.places(feed)]);
  }

  private places({ partition }: QueuedFeed): { topic: string; partitions: number[] } {
    return { topic: this.use.topic, partitions: [partition] };
  }

  /** Once a join: partitions may have been added, or the timestamp type changed, while we were running. */
  private checkLayout(): Promise<void> {
    return (this.layout ??= this.use.positions.checkLayout().catch((error: unknown) => {
      if (!(error instanceof StreamLayoutError)) this.layout = null;
      throw error;
    }));
  }

  /** kafkajs jumps when a position is out of range; where nothing lies behind the jump no batch would tell. */
  private heardFromKafkajs({ namespace, log }: LogEntry): void {
    if (namespace !== 'ConsumerGroup' || !log.message.startsWith('Offset out of range')) return;
    const feed = this.feeds.get(Number(log['partition']));
    if (feed !== undefined && feed.expected !== null) void this.resync(feed);
  }

  private crashed({ payload }: ConsumerCrashEvent): void {
    this.closeFeeds();
    if (payload.restart || this.leaving) return;
    // What kafkajs calls fatal is not so for a service: the cause may be mended from outside.
    this.use.log.error('the consumer stopped and is started again', { error: payload.error.message });
    this.restart = setTimeout(() => void this.runAgain(), RESTART_AFTER_MS);
  }

  private async runAgain(): Promise<void> {
    try {
      await this.consumer.connect();
      await this.consumer.run(this.runConfig());
    } catch (error) {
      this.use.log.error('the consumer could not be started again', { error: String(error) });
      if (!this.leaving) this.restart = setTimeout(() => void this.runAgain(), RESTART_AFTER_MS);
    }
  }

  private closeFeeds(): void {
    const closing = [...this.feeds.values()];
    this.feeds.clear();
    for (const feed of closing) {
      feed.close();
      this.listener.revoked(feed);
    }
  }
}
