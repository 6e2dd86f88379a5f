import type { OwnershipListener, PartitionFeed, StreamBatch, StreamRecord } from '#engine';
import { Arrivals } from '#testkit';

export interface Seen extends StreamRecord {
  readonly partition: number;
}

export interface Turn {
  readonly kind: 'assigned' | 'revoked' | 'seeked' | 'failed';
  readonly feed: PartitionFeed;
  readonly error?: Error;
}

/** Reads all it is given from the positions it finds in `positions`, and writes there how far it came. Without a fence. */
export class CollectingOwner implements OwnershipListener {
  readonly feeds = new Map<number, PartitionFeed>();
  readonly turns = new Arrivals<Turn>('turns of ownership');
  readonly records = new Arrivals<Seen>('records of the stream');
  readonly batches: StreamBatch[] = [];
  /** While true nothing is polled. */
  asleep = false;

  constructor(readonly positions: Map<number, number> = new Map<number, number>()) {}

  assigned(feed: PartitionFeed): void {
    this.feeds.set(feed.partition, feed);
    this.turns.add({ kind: 'assigned', feed });
    void this.begin(feed);
  }

  revoked(feed: PartitionFeed): void {
    if (this.feeds.get(feed.partition) === feed) this.feeds.delete(feed.partition);
    this.turns.add({ kind: 'revoked', feed });
  }

  get partitions(): number[] {
    return [...this.feeds.keys()].sort((a, b) => a - b);
  }

  /** The feed of this partition, from when it is read. */
  async reading(partition: number): Promise<PartitionFeed> {
    return (
      await this.turns.first(({ kind, feed }) => kind === 'seeked' && feed.partition === partition && feed.current)
    ).feed;
  }

  wakeUp(): void {
    this.asleep = false;
    for (const feed of this.feeds.values()) this.take(feed);
  }

  private async begin(feed: PartitionFeed): Promise<void> {
    try {
      await feed.seek(this.positions.get(feed.partition) ?? 0);
      this.turns.add({ kind: 'seeked', feed });
      feed.onAvailable(() => this.take(feed));
    } catch (error) {
      this.turns.add({ kind: 'failed', feed, error: error as Error });
    }
  }

  private take(feed: PartitionFeed): void {
    try {
      while (!this.asleep) {
        const batch = feed.poll();
        if (batch === null) return;
        this.batches.push(batch);
        this.positions.set(feed.partition, batch.nextOffset);
        for (const record of batch.records) this.records.add({ ...record, partition: feed.partition });
      }
    } catch (error) {
      this.turns.add({ kind: 'failed', feed, error: error as Error });
    }
  }
}
