import type { PartitionFeed, StreamBatch } from '#engine';
import type { ModelLog } from './model-log.js';

/** What a feed sees of the world around it. */
export interface FeedHost {
  readonly log: ModelLog;
  /** Until then the group surely counts this process in, ms. */
  readonly confirmedAt: () => number;
  readonly ask: <T>(name: string, execute: () => T) => Promise<T>;
  readonly batchSize: () => number;
}

/** A partition as one process reads it for one assignment: what was fetched so far, in batches of any size. */
export class ModelFeed implements PartitionFeed {
  current = true;
  readonly queuedBytes = 0;
  readonly lag = null;
  readonly logEnd = null;
  private at: number | null = null;
  private fetched = 0;
  private wake: () => void = () => undefined;

  constructor(
    readonly partition: number,
    readonly join: number,
    private readonly host: FeedHost,
  ) {}

  get confirmedAt(): number {
    return this.host.confirmedAt();
  }

  async seek(offset: number): Promise<void> {
    this.at = null;
    await this.host.ask(`seek ${this.partition}`, () => undefined);
    this.at = this.fetched = offset;
  }

  poll(): StreamBatch | null {
    if (!this.current || this.at === null || this.at >= this.fetched) return null;
    const { at, fetched } = this;
    const there = this.host.log.partitions[this.partition]!.filter(({ offset }) => offset >= at && offset < fetched);
    const records = there.slice(0, this.host.batchSize());
    const nextOffset = records.length === there.length ? fetched : records.at(-1)!.offset + 1;
    this.at = nextOffset;
    return { records, nextOffset };
  }

  onAvailable(wake: () => void): void {
    this.wake = wake;
    if (this.at !== null && this.at < this.fetched) wake();
  }

  /** Some, or all, of what is behind arrives. */
  fetch(through: number): boolean {
    if (!this.current || this.at === null || through <= this.fetched) return false;
    this.fetched = through;
    this.wake();
    return true;
  }

  get position(): number | null {
    return this.current ? this.fetched : null;
  }

  close(): void {
    this.current = false;
    this.wake();
  }
}
