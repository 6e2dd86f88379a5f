import { randomUUID } from 'node:crypto';
import type { ClientConfig, Pool } from 'pg';
import type { Clock, Log, OwnershipListener, StreamMembership } from '#engine';
import { QueuedFeed, type FeedSource } from '../feed/queued-feed.js';
import { AssignmentTable } from './assignment-table.js';
import { checkEmbeddedStream } from './embedded-layout.js';
import { LogReader } from './log-reader.js';
import { LogSignal } from './log-signal.js';
import { postgresError } from './postgres-error.js';

export interface EmbeddedMembershipOptions {
  readonly stream: string;
  readonly group: string;
  readonly partitions: number;
  readonly pool: Pool;
  readonly connection: ClientConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly sessionTimeoutMs: number;
}

/**
 * Membership in the group of owners of the embedded log. Each heartbeat compares what this member is given with what it
 * has: a partition that stayed ours keeps its feed, any other gets a new one with a larger join number.
 */
export class EmbeddedMembership implements StreamMembership, FeedSource {
  confirmedAt = 0;
  private readonly member = randomUUID();
  private readonly feeds = new Map<number, { readonly feed: QueuedFeed; readonly generation: number }>();
  private readonly table: AssignmentTable;
  private readonly reader: LogReader;
  private readonly signal: LogSignal;
  private joins = 0;
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | null = null;
  private again = false;
  private leaving = false;

  constructor(
    private readonly use: EmbeddedMembershipOptions,
    private readonly listener: OwnershipListener,
  ) {
    const { pool, stream, group, partitions, sessionTimeoutMs, clock, log, connection } = use;
    this.table = new AssignmentTable(pool, stream, group, partitions, sessionTimeoutMs);
    this.reader = new LogReader(pool, stream, () => [...this.feeds.values()].map(({ feed }) => feed), clock, log);
    this.signal = new LogSignal(
      connection,
      this.member,
      { appended: () => this.reader.wake(), members: () => this.beat() },
      log,
    );
  }

  /** Resolves when partitions were given out for the first time. */
  async start(): Promise<void> {
    try {
      await this.signal.connect();
      await this.heartbeat();
      this.schedule();
      this.reader.wake();
    } catch (error) {
      await this.leave();
      throw postgresError(`the group ${this.use.group} could not be joined`, error);
    }
  }

  async leave(): Promise<void> {
    if (this.leaving) return;
    this.leaving = true;
    clearTimeout(this.timer);
    await this.beating;
    for (const partition of [...this.feeds.keys()]) this.close(partition);
    await this.reader.close();
    await this.table
      .leave(this.member)
      .catch((error: unknown) => this.use.log.warn('the group was left without a farewell', { error: String(error) }));
    await this.signal.close();
  }

  /** Records were appended by this very process: no need to hear of it by way of the server. */
  appended(): void {
    this.reader.wake();
  }

  async begin(feed: QueuedFeed, offset: number): Promise<void> {
    const { pool, stream, partitions } = this.use;
    this.reader.forget(feed);
    await checkEmbeddedStream(pool, stream, partitions);
    const end = await this.reader.checkHolds(feed.partition, offset);
    if (!feed.current) return;
    feed.logEnd = end;
    feed.begin(offset);
    this.reader.wake();
  }

  full(): void {
    // The reader asks each feed whether it wants more.
  }

  hungry(): void {
    this.reader.wake();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (!this.leaving) this.timer = setTimeout(() => this.beat(), Math.min(2_000, this.use.sessionTimeoutMs / 4));
  }

  private beat(): void {
    this.again = true;
    if (this.beating !== null || this.leaving) return;
    this.beating = this.beatWhileAsked().finally(() => {
      this.beating = null;
      this.schedule();
    });
  }

  private async beatWhileAsked(): Promise<void> {
    try {
      while (this.again && !this.leaving) {
        this.again = false;
        await this.heartbeat();
      }
    } catch (error) {
      this.use.log.warn('the heartbeat could not be written, it will be tried again', { error: String(error) });
    }
  }

  private async heartbeat(): Promise<void> {
    const given = new Map(
      (await this.table.heartbeat(this.member)).map(({ partition, generation }) => [partition, generation]),
    );
    this.confirmedAt = Date.now();
    for (const [partition, { generation }] of [...this.feeds])
      if (given.get(partition) !== generation) this.close(partition);
    const join = ++this.joins;
    const fresh = [...given].filter(([partition]) => !this.feeds.has(partition));
    for (const [partition, generation] of fresh)
      this.feeds.set(partition, { feed: new QueuedFeed(partition, join, this), generation });
    for (const [partition] of fresh) this.listener.assigned(this.feeds.get(partition)!.feed);
  }

  private close(partition: number): void {
    const owned = this.feeds.get(partition);
    this.feeds.delete(partition);
    owned?.feed.close();
    if (owned !== undefined) this.listener.revoked(owned.feed);
  }
}
