import {
  HEADER_KIND,
  type AppendedAt,
  type OwnershipListener,
  type PartitionFeed,
  type StreamMembership,
} from '../ports/event-stream.js';
import { stateOf, statusOf, type EngineStatus } from './engine-status.js';
import { PartitionOwner } from './partition-owner.js';
import type { PartitionOwnerDependencies } from './partition-owner-dependencies.js';
import { KIND_TICK } from './record-headers.js';
import { realNow } from '../real-time.js';

export interface TriggerEngineOptions extends Omit<
  PartitionOwnerDependencies,
  'partitions' | 'cacheBytes' | 'onCommitted'
> {
  /** Encoded states kept in memory over all partitions, bytes. */
  readonly cacheBytes: number;
}

/** How often the wheel is looked at for timers that the stream has not passed yet, real ms. */
const TICK_LOOK_MS = 50;
/** One partition gets a tick at most this often, real ms. */
const TICK_EVERY_MS = 200;
const OUTBOX_LOOK_MS = 500;
/** Where partitions stand is told this often, also while they stand still, real ms. */
const REPORT_MS = 1_000;
/** Heartbeats come every few seconds; without one for this long the stream is away. */
const SILENT_MS = 15_000;
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Hosts the owners of all partitions that this process was given. Per assignment: run the owner; when it lost the fence
 * or failed, wait (back-off, and after a lost fence for a proof of membership that is younger than the loss), then take
 * over anew, as long as the assignment is current.
 */
export class TriggerEngine implements OwnershipListener {
  private readonly owners = new Map<number, PartitionOwner>();
  private readonly running = new Set<Promise<void>>();
  private readonly lastTick = new Map<number, number>();
  private membership: StreamMembership | null = null;
  private partitions = 0;
  private timers: NodeJS.Timeout[] = [];
  private stopping = false;
  private stopWaiting: () => void = () => undefined;
  private readonly stopped = new Promise<void>((resolve) => (this.stopWaiting = resolve));
  /** Latest reason why a partition stands still; empty when all goes well. For readiness. */
  readonly troubles = new Map<number, string>();

  constructor(private readonly use: TriggerEngineOptions) {}

  /** The earliest timer of all owned partitions, with the partition it is in; null when none is pending. */
  get nextTimer(): { readonly partition: number; readonly at: number } | null {
    let next: { partition: number; at: number } | null = null;
    for (const [partition, owner] of this.owners)
      if (owner.nextTimer < (next?.at ?? Infinity)) next = { partition, at: owner.nextTimer };
    return next;
  }

  /** Offset up to which a partition is committed; null while it is not owned here, or still being taken over. */
  appliedOffset(partition: number): number | null {
    return this.owners.get(partition)?.appliedOffset ?? null;
  }

  /** Nothing is on its way inside: no job is open and the outbox is sent. */
  get isSettled(): boolean {
    return [...this.owners.values()].every((owner) => owner.isSettled);
  }

  /** Moves the log time of an idle partition on by a record without meaning. Throws what the stream throws. */
  async appendTicks(partitions: readonly number[]): Promise<readonly AppendedAt[]> {
    return this.use.stream.append(
      partitions.map((partition) => ({ key: null, partition, value: null, headers: { [HEADER_KIND]: KIND_TICK } })),
    );
  }

  /** Sends what waits in the outboxes of the partitions owned here, without waiting for the regular look. */
  async lookAtOutboxes(): Promise<void> {
    try {
      const partitions = await this.use.store.partitionsWithOutbox(this.ownedPartitions);
      for (const partition of partitions) this.owners.get(partition)?.lookAtOutbox();
    } catch (error) {
      this.use.log.warn('the stream outbox could not be looked at', { error: String(error) });
    }
  }

  get ownedPartitions(): readonly number[] {
    return [...this.owners.keys()];
  }

  /** How far it is. */
  get status(): EngineStatus {
    if (this.membership === null) return { state: 'joining' };
    return statusOf([...this.owners.values()], this.troubles);
  }

  /** What it waits for: its place in the group of owners, or a word of the stream; null when all is well. */
  get waitingFor(): string | null {
    if (this.membership === null) return 'joining the group of owners';
    const silentMs = realNow() - Math.min(Infinity, ...[...this.owners.values()].map((owner) => owner.confirmedAt));
    return silentMs > SILENT_MS ? `the stream has not been heard of for ${Math.round(silentMs / 1000)} s` : null;
  }

  async start(): Promise<void> {
    this.partitions = await this.use.stream.partitionCount();
    this.membership = await this.use.stream.own(this);
    this.timers.push(setInterval(() => void this.tick(), TICK_LOOK_MS));
    this.timers.push(setInterval(() => void this.lookAtOutboxes(), OUTBOX_LOOK_MS));
    this.timers.push(setInterval(() => this.report(), REPORT_MS));
  }

  /** Finishes the batches in hand, then leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.stopWaiting();
    for (const timer of this.timers) clearInterval(timer);
    for (const owner of this.owners.values()) owner.stop();
    await Promise.all(this.running);
    await this.membership?.leave();
  }

  assigned(feed: PartitionFeed): void {
    const run: Promise<void> = this.own(feed).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  revoked(feed: PartitionFeed): void {
    const owner = this.owners.get(feed.partition);
    if (owner?.feedJoin === feed.join) owner.stop();
  }

  private async own(feed: PartitionFeed): Promise<void> {
    const { observer, log } = this.use;
    for (let failures = 0; feed.current && !this.stopping;) {
      const cacheBytes = this.use.cacheBytes / this.partitions;
      const onCommitted = () => {
        failures = 0;
        this.troubles.delete(feed.partition);
      };
      const owner = new PartitionOwner(feed, { ...this.use, partitions: this.partitions, cacheBytes, onCommitted });
      this.owners.set(feed.partition, owner);
      try {
        const end = await owner.run();
        if (end === 'closed') break;
        log.warn('another process owns the partition now', { partition: feed.partition });
        await this.proofOfMembership(feed, realNow());
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.troubles.set(feed.partition, message);
        log.error('the partition stands still', { partition: feed.partition, error: message });
        await this.pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]!);
      } finally {
        if (this.owners.get(feed.partition) === owner) this.owners.delete(feed.partition);
      }
    }
    if (!feed.current) this.troubles.delete(feed.partition);
    if (!this.owners.has(feed.partition)) observer.released(feed.partition);
    observer.timersPending(this.pendingTimers());
  }

  private async proofOfMembership(feed: PartitionFeed, since: number): Promise<void> {
    while (feed.current && !this.stopping && feed.confirmedAt <= since) await this.pause(250);
  }

  /** Ends early when the engine stops. */
  private async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.stopped, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
    clearTimeout(timer);
  }

  private report(): void {
    const { observer } = this.use;
    const counts = { starting: 0, 'catching up': 0, ready: 0, standing: 0 };
    for (const [partition, owner] of this.owners) {
      const { progress } = owner;
      if (progress !== null) observer.progress(partition, progress);
      // Nothing is left that could fail again.
      if (progress?.lag === 0) this.troubles.delete(partition);
      if (!this.troubles.has(partition)) counts[stateOf(owner)]++;
    }
    observer.partitions({ ...counts, standing: this.troubles.size });
  }

  private pendingTimers(): number {
    let pending = 0;
    for (const owner of this.owners.values()) pending += owner.pendingTimers;
    return pending;
  }

  /**
   * An idle partition's log time stands still. Where a timer is due by our clock, a tick record moves it on; the clock
   * is only a hint to tick, the tick's append time decides (engine.md, Time).
   */
  private async tick(): Promise<void> {
    const now = this.use.clock.now();
    const real = realNow();
    const due = [...this.owners].filter(
      ([partition, owner]) => owner.nextTimer < now && real - (this.lastTick.get(partition) ?? 0) >= TICK_EVERY_MS,
    );
    this.use.observer.timersPending(this.pendingTimers());
    if (due.length === 0) return;
    for (const [partition] of due) this.lastTick.set(partition, real);
    try {
      await this.appendTicks(due.map(([partition]) => partition));
    } catch (error) {
      this.use.log.warn('ticks could not be appended, they will be tried again', { error: String(error) });
    }
  }
}
