import type { Rulesets } from '#core';
import type { Clock } from '../ports/clock.js';
import type { PartitionFeed, StreamRecord } from '../ports/event-stream.js';
import { asksForNothing } from './read-record.js';

/** Entries that wait for their commit at most; further records stay in the feed. */
const MAX_WAITING = 2048;

/** A record that may ask for something, or (`record` null) only moves the log time on. */
export interface Entry {
  readonly offset: number;
  readonly appendTime: number;
  readonly record: StreamRecord | null;
  /** How many records were taken in up to this one, since the intake began. */
  readonly count: number;
}

/** What stands in the log between the position and `nextOffset`. */
export interface Portion {
  readonly entries: readonly Entry[];
  readonly nextOffset: number;
  readonly count: number;
}

/**
 * Looks at records as they arrive and keeps those that concern a rule, so that nine of ten (page views) are forgotten
 * before they cost memory. Of the others only what they do to the log time is kept: timers fire at those very places.
 */
export class RecordIntake {
  private entries: Entry[] = [];
  /** Largest append time so far; the first record is always an entry. */
  private logTime = -Infinity;
  private nextOffset: number | null = null;
  private count = 0;
  private failure: unknown = null;
  private closed = false;

  constructor(
    private readonly feed: PartitionFeed,
    private readonly rulesets: Rulesets,
    private readonly clock: Clock,
  ) {}

  /** After `seek`. */
  begin(wake: () => void): void {
    this.feed.onAvailable(() => {
      this.fill();
      wake();
    });
  }

  /** Takes nothing in any more; what has been stays there to be taken. */
  close(): void {
    this.closed = true;
  }

  /** Something to take has arrived, or the intake has failed. */
  get hasMore(): boolean {
    if (this.nextOffset === null) this.fill();
    return this.nextOffset !== null || this.failure !== null;
  }

  /** All that has arrived; null: nothing. Throws what stopped the intake once everything before it was taken. */
  take(): Portion | null {
    if (!this.hasMore) return null;
    if (this.nextOffset === null) throw this.failure;
    const portion: Portion = { entries: this.entries, nextOffset: this.nextOffset, count: this.count };
    this.entries = [];
    this.nextOffset = null;
    return portion;
  }

  private fill(): void {
    try {
      while (!this.closed && this.failure === null && this.entries.length < MAX_WAITING) {
        const batch = this.feed.poll();
        if (batch === null) return;
        for (const record of batch.records) this.look(record);
        this.nextOffset = batch.nextOffset;
      }
    } catch (error) {
      this.failure = error;
    }
  }

  private look(record: StreamRecord): void {
    const { offset, appendTime } = record;
    const nothing = asksForNothing(record, this.feed.partition, this.rulesets, this.clock);
    this.count++;
    if (nothing && appendTime <= this.logTime) return;
    this.entries.push({ offset, appendTime, record: nothing ? null : record, count: this.count });
    this.logTime = Math.max(this.logTime, appendTime);
    // What fails at a later record of this batch leaves the position behind this one.
    this.nextOffset = offset + 1;
  }
}
