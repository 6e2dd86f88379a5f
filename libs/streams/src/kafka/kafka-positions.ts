import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { LogTruncatedError, StoreError, StreamLayoutError, type Log } from '#engine';
import { kafkaClient, type KafkaConnection } from './kafka-client.js';
import { kafkaError } from './kafka-error.js';
import { checkTopic, type TopicLayout } from './kafka-topics.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A new leader may not know yet how far the old one came. */
const BEYOND_END_TRIES = 4;
const BEYOND_END_WAIT_MS = 500;

/** A partition that was just made, or whose broker just died, gets its leader in a moment. */
const LEADER_MOVES = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION']);
const LEADER_TRIES = 10;
const LEADER_WAIT_MS = 200;

/** Asks the brokers how a topic is laid out and what its partitions still hold. */
export class KafkaPositions {
  private admin: Promise<Admin> | null = null;
  private asking: Promise<Map<number, Range>> | null = null;
  private closed = false;

  constructor(
    private readonly layout: TopicLayout,
    private readonly connection: KafkaConnection,
    private readonly log: Log,
  ) {}

  /** Throws `StreamLayoutError`, or `StoreError` when the brokers could not be asked. */
  async checkLayout(): Promise<void> {
    await this.ask((admin) => checkTopic(admin, this.layout, this.connection));
  }

  /** Throws `LogTruncatedError` unless the partition holds this offset, or ends with it. Returns where it ends. */
  async checkHolds(partition: number, offset: number): Promise<number> {
    for (let tries = 1; ; tries++) {
      const { start, end } = (await this.ranges()).get(partition) ?? { start: 0, end: 0 };
      if (offset >= start && offset <= end) return end;
      if (offset < start || tries === BEYOND_END_TRIES)
        throw new LogTruncatedError(this.layout.topic, partition, offset, start);
      await pause(BEYOND_END_WAIT_MS);
    }
  }

  /** Whoever asks afterwards is refused: an owner's seek may still be under way. */
  async close(): Promise<void> {
    this.closed = true;
    await this.disconnect();
  }

  /** One question answers for all partitions that are taken over together. */
  private ranges(): Promise<Map<number, Range>> {
    return (this.asking ??= this.ask(async (admin) => {
      const offsets = await admin.fetchTopicOffsets(this.layout.topic);
      return new Map(offsets.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]));
    }).finally(() => {
      this.asking = null;
    }));
  }

  private async ask<T>(question: (admin: Admin) => Promise<T>, tries = 1): Promise<T> {
    if (this.closed) throw new StoreError('the stream is closed', 'stream_closed', false);
    try {
      return await question(await (this.admin ??= this.connect()));
    } catch (error) {
      if (error instanceof StreamLayoutError) throw error;
      // The next connection learns anew who leads.
      await this.disconnect();
      if (LEADER_MOVES.has((error as { type?: string }).type ?? '') && tries < LEADER_TRIES) {
        await pause(LEADER_WAIT_MS);
        return this.ask(question, tries + 1);
      }
      throw kafkaError(`the brokers could not be asked about ${this.layout.topic}`, error);
    }
  }

  private async disconnect(): Promise<void> {
    const admin = this.admin;
    this.admin = null;
    await admin?.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  private async connect(): Promise<Admin> {
    const admin = kafkaClient(this.connection, this.log).admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }
}
