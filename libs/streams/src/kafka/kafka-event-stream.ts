import type { AppendedAt, AppendRequest, Clock, EventStream, Log, OwnershipListener, StreamMembership } from '#engine';
import { AppendQueue } from '../append/append-queue.js';
import { placeRecords } from '../append/place-records.js';
import { KafkaAppender } from './kafka-appender.js';
import { kafkaClient, type KafkaConnection } from './kafka-client.js';
import { KafkaMembership } from './kafka-membership.js';
import { KafkaPositions } from './kafka-positions.js';

export interface KafkaEventStreamOptions {
  /** The topic. */
  readonly name: string;
  /** Consumer group of the owners. */
  readonly group: string;
  /** As Kairos was set up; a topic with another count is refused. */
  readonly partitions: number;
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly log: Log;
  /** After this long without a heartbeat partitions go to others. Default 30 s; the broker takes 6 s and more. */
  readonly sessionTimeoutMs?: number;
}

/** A produce request of one partition is one batch, which the broker limits to 1 MB by default. */
const MAX_BYTES_OF_PARTITION = 900_000;
const MAX_RECORDS = 2_000;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** The event stream on Apache Kafka. */
export class KafkaEventStream implements EventStream {
  readonly name: string;
  private readonly positions: KafkaPositions;
  private readonly appender: KafkaAppender;
  private readonly queue: AppendQueue;
  private readonly memberships = new Set<KafkaMembership>();
  private closing: Promise<void> | null = null;

  constructor(private readonly options: KafkaEventStreamOptions) {
    const { name, partitions, connection, log } = options;
    this.name = name;
    this.positions = new KafkaPositions({ topic: name, partitions }, connection, log);
    this.appender = new KafkaAppender(kafkaClient(connection, log), name);
    const limits = {
      lingerMs: 0,
      maxRecords: MAX_RECORDS,
      maxBytesOfPartition: MAX_BYTES_OF_PARTITION,
      maxQueuedBytes: MAX_QUEUED_BYTES,
    };
    this.queue = new AppendQueue(this.appender.write, limits);
  }

  async partitionCount(): Promise<number> {
    await this.positions.checkLayout();
    return this.options.partitions;
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendedAt[]> {
    return this.queue.append(placeRecords(requests, this.options.partitions));
  }

  async own(listener: OwnershipListener): Promise<StreamMembership> {
    const { name: topic, group, connection, clock, log, sessionTimeoutMs = 30_000 } = this.options;
    const { positions } = this;
    await positions.checkLayout();
    const membership = new KafkaMembership(
      { topic, group, connection, positions, clock, log, sessionTimeoutMs },
      listener,
    );
    this.memberships.add(membership);
    await membership.start();
    return membership;
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeOnce());
  }

  private async closeOnce(): Promise<void> {
    await this.queue.close();
    await Promise.all([...this.memberships].map((membership) => membership.leave()));
    await Promise.all([this.appender.close(), this.positions.close()]);
  }
}
