import { setTimeout as pause } from 'node:timers/promises';
import type { OwnershipListener, PartitionCommit, PartitionFeed, PartitionPosition, PartitionStore } from '#engine';
import { Arrivals } from '#testkit';

/** What a batch left behind, as a row of the outbox: so that the database itself shows how batches tile. */
export interface Tile {
  readonly from: number;
  readonly to: number;
  readonly values: readonly string[];
}

export interface Step {
  readonly kind: 'taken' | 'committed' | 'lost' | 'failed';
  readonly partition: number;
  readonly feed: PartitionFeed;
  readonly position: PartitionPosition;
}

const nothing = {
  states: [],
  planned: [],
  cancelled: [],
  consents: [],
  traces: [],
  outbox: [],
  outboxSent: [],
  deadLetters: [],
  watch: { added: [], removed: [] },
  heard: { ids: [], forgetBefore: null },
  jobs: { open: [], done: [] },
};

/** A commit that leaves everything but the position as it is. */
export function commitOf(position: PartitionPosition, change: Partial<PartitionCommit>): PartitionCommit {
  const { nextOffset, logTime, firedThrough, ruleset } = position;
  return { ...nothing, from: position, nextOffset, logTime, firedThrough, ruleset, ...change };
}

/** Owns partitions by the protocol of the engine (take over, seek, commit behind the fence) and does nothing else. */
export class FencedOwner implements OwnershipListener {
  readonly steps = new Arrivals<Step>('steps of an owner');
  readonly feeds = new Map<number, PartitionFeed>();
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    readonly name: string,
    private readonly store: PartitionStore,
  ) {}

  assigned(feed: PartitionFeed): void {
    this.feeds.set(feed.partition, feed);
    const run: Promise<void> = this.own(feed).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  revoked(feed: PartitionFeed): void {
    if (this.feeds.get(feed.partition) === feed) this.feeds.delete(feed.partition);
  }

  /** Its latest position in a partition. */
  position(partition: number): PartitionPosition {
    return this.steps.all.findLast((step) => step.partition === partition && step.kind !== 'failed')!.position;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async own(feed: PartitionFeed): Promise<void> {
    while (feed.current && !this.stopped) {
      const lostAt = Date.now();
      try {
        await this.turn(feed);
      } catch {
        this.steps.add({
          kind: 'failed',
          partition: feed.partition,
          feed,
          position: { epoch: 0, seq: 0, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0 },
        });
      }
      // Taken again only after a proof of membership that is younger than the loss.
      while (feed.current && !this.stopped && feed.confirmedAt <= lostAt) await pause(20);
    }
  }

  private async turn(feed: PartitionFeed): Promise<void> {
    const { partition } = feed;
    let position = await this.store.takeOver(partition, this.name);
    this.steps.add({ kind: 'taken', partition, feed, position });
    if (!feed.current) return;
    await feed.seek(position.nextOffset);
    let wake: () => void = () => undefined;
    feed.onAvailable(() => wake());
    while (feed.current && !this.stopped) {
      const batch = feed.poll();
      if (batch === null) {
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), pause(50)]);
        continue;
      }
      const values = batch.records.map(({ value }) => Buffer.from(value!).toString());
      const tile: Tile = { from: position.nextOffset, to: batch.nextOffset, values };
      const outbox = [
        {
          recordId: `${partition}/${position.seq}`,
          target: { partition },
          value: Buffer.from(JSON.stringify(tile)),
          headers: {},
          hops: 0,
        },
      ];
      const outcome = await this.store.commit(partition, commitOf(position, { nextOffset: batch.nextOffset, outbox }));
      if (outcome.kind === 'committed') position = outcome.position;
      this.steps.add({ kind: outcome.kind, partition, feed, position });
      if (outcome.kind === 'lost') return;
    }
  }
}
