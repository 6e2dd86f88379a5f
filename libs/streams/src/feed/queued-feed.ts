import type { PartitionFeed, StreamBatch } from '#engine';

/** Where a feed's records come from. */
export interface FeedSource {
  /** See `PartitionFeed.confirmedAt`. */
  readonly confirmedAt: number;
  /** Checks that the log still holds this offset, then calls `feed.begin` and lets records come. */
  begin(feed: QueuedFeed, offset: number): Promise<void>;
  /** The feed took in as much as it may hold; nothing more is wanted before `hungry`. */
  full(feed: QueuedFeed): void;
  hungry(feed: QueuedFeed): void;
}

const FULL_BYTES = 8 * 1024 * 1024;
const HUNGRY_BYTES = 2 * 1024 * 1024;

/**
 * The queue between a prefetching source and the owner of one partition. Holds only records that follow each other:
 * `push` is for the batch that begins exactly at `expected`.
 */
export class QueuedFeed implements PartitionFeed {
  /** The offset the next batch has to begin at; null while nothing may come (before `seek`, and during it). */
  expected: number | null = null;
  /** Next offset of the log as far as it is known. */
  logEnd: number | null = null;
  queuedBytes = 0;
  private queue: { readonly batch: StreamBatch; readonly bytes: number }[] = [];
  private polled: number | null = null;
  private failure: Error | null = null;
  private closed = false;
  private isFull = false;
  private wake: () => void = () => undefined;

  constructor(
    readonly partition: number,
    readonly join: number,
    private readonly source: FeedSource,
  ) {}

  get current(): boolean {
    return !this.closed;
  }

  get confirmedAt(): number {
    return this.source.confirmedAt;
  }

  get lag(): number | null {
    return this.logEnd === null || this.polled === null ? null : Math.max(0, this.logEnd - this.polled);
  }

  /** True when the source may bring more. */
  get wantsMore(): boolean {
    return this.expected !== null && !this.isFull && this.failure === null;
  }

  async seek(offset: number): Promise<void> {
    this.clear();
    if (!this.closed) await this.source.begin(this, offset);
  }

  /** From here on batches are taken, the first from this offset. */
  begin(offset: number): void {
    this.clear();
    this.expected = offset;
    this.polled = offset;
  }

  push(batch: StreamBatch, bytes: number): void {
    this.queue.push({ batch, bytes });
    this.queuedBytes += bytes;
    this.expected = batch.nextOffset;
    if (this.queuedBytes > FULL_BYTES && !this.isFull) {
      this.isFull = true;
      this.source.full(this);
    }
    this.wake();
  }

  poll(): StreamBatch | null {
    const head = this.queue.shift();
    if (head === undefined) {
      if (this.failure !== null && !this.closed) throw this.failure;
      return null;
    }
    this.queuedBytes -= head.bytes;
    this.polled = head.batch.nextOffset;
    if (this.isFull && this.queuedBytes < HUNGRY_BYTES) {
      this.isFull = false;
      this.source.hungry(this);
    }
    return head.batch;
  }

  onAvailable(wake: () => void): void {
    this.wake = wake;
    if (this.queue.length > 0 || this.failure !== null || this.closed) queueMicrotask(wake);
  }

  /** What is queued is still given out, then `poll` throws this until the next `seek`. */
  fail(error: Error): void {
    this.expected = null;
    this.failure = error;
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.clear();
    this.wake();
  }

  private clear(): void {
    this.queue = [];
    this.queuedBytes = 0;
    this.expected = null;
    this.failure = null;
    this.isFull = false;
  }
}
