import type { PartitionFeed, StreamBatch, StreamRecord } from '../ports/event-stream.js';
import type { ReadRecord, RecordReader } from './read-record.js';

/** What waits for its commit at most; further records stay in the feed, which tells its source to pause. */
const MAX_WAITING = 4096;
const MAX_WAITING_BYTES = 2 * 1024 * 1024;

/** Records looked at, and ms, after which the event loop gets its turn. */
const LOOKED_AT = 1024;
const TURN_MS = 5;

/** A record that asks for something, or one that asks for nothing and only moves the log time on. */
export interface Entry {
  readonly offset: number;
  readonly appendTime: number;
  readonly asks: ReadRecord;
  /** How many records were taken in up to this one, since the intake began. */
  readonly count: number;
}

/** Everything that asks for something between the position and `nextOffset`. */
export interface Portion {
  readonly entries: readonly Entry[];
  readonly nextOffset: number;
  readonly count: number;
}

/**
 * Reads records as they arrive, before they are queued anywhere: nine of ten (page views) concern no rule and are
 * forgotten at once, while they and the fetch they came with are still young memory. Of those only what they do to the
 * log time is kept, since timers fire at those very places.
 */
export class RecordIntake {
  private entries: Entry[] = [];
  private bytes = 0;
  private nextOffset: number | null = null;
  private logTime = -Infinity;
  private count = 0;
  private batch: StreamBatch | null = null;
  /** Next record of the batch in hand. */
  private at = 0;
  private going = false;
  private wake: () => void = () => undefined;
  private failure: Error | null = null;
  private closed = false;
  /** A record that stands alone was taken in: what is behind it is looked at when that has been applied. */
  private heldBack = false;

  constructor(
    private readonly feed: PartitionFeed,
    private readonly reader: RecordReader,
  ) {}

  /** Everything taken in is dropped; what arrives next is read from `offset` on. Throws what `PartitionFeed.seek` throws. */
  async begin(offset: number, wake: () => void): Promise<void> {
    this.entries = [];
    this.bytes = this.count = 0;
    this.nextOffset = this.failure = null;
    this.logTime = -Infinity;
    this.heldBack = false;
    this.batch = null;
    this.wake = wake;
    this.feed.onAvailable(() => undefined);
    await this.feed.seek(offset);
    this.feed.onAvailable(() => {
      this.fill();
      wake();
    });
  }

  /** Takes nothing in any more; what was taken in is still given out. */
  close(): void {
    this.closed = true;
  }

  /** Something to take has arrived, or the intake has failed. */
  get hasMore(): boolean {
    return this.nextOffset !== null || this.failure !== null;
  }

  /** All that was taken in; null: nothing. Throws what stopped the intake once everything before it was taken. */
  take(): Portion | null {
    this.fill();
    if (this.nextOffset === null) {
      if (this.failure !== null) throw this.failure;
      return null;
    }
    const portion: Portion = { entries: this.entries, nextOffset: this.nextOffset, count: this.count };
    this.entries = [];
    this.bytes = 0;
    this.nextOffset = null;
    return portion;
  }

  private get isFull(): boolean {
    return this.closed || this.heldBack || this.entries.length >= MAX_WAITING || this.bytes >= MAX_WAITING_BYTES;
  }

  /** Takes in what is there, for one turn of the event loop at most. */
  private fill(): void {
    if (this.going) return;
    const started = performance.now();
    try {
      while (this.failure === null && !this.isFull) {
        if (this.batch === null && !this.nextBatch()) return;
        this.takeIn(this.batch!);
        if (performance.now() - started > TURN_MS) return this.goOn();
      }
    } catch (error) {
      this.batch = null;
      this.failure = error as Error;
    }
  }

  private goOn(): void {
    this.going = true;
    setImmediate(() => {
      this.going = false;
      this.fill();
      this.wake();
    });
  }

  private nextBatch(): boolean {
    this.batch = this.feed.poll();
    this.at = 0;
    return this.batch !== null;
  }

  private takeIn({ records, nextOffset }: StreamBatch): void {
    const now = this.reader.now();
    const end = Math.min(records.length, this.at + LOOKED_AT);
    while (this.at < end) {
      const record = records[this.at]!;
      const asks = this.reader.read(record, now);
      this.at++;
      this.count++;
      this.keep(record, asks);
      // What stands behind it may not be readable yet: a log from the future.
      this.nextOffset = record.offset + 1;
      if (standsAlone({ asks })) {
        this.heldBack = true;
        return;
      }
    }
    if (this.at < records.length) return;
    this.nextOffset = nextOffset;
    this.batch = null;
  }

  private keep({ offset, appendTime, value }: StreamRecord, asks: ReadRecord): void {
    if (asks.kind !== 'nothing') this.bytes += value?.length ?? 0;
    else if (appendTime <= this.logTime) return;
    this.entries.push({ offset, appendTime, asks, count: this.count });
    if (appendTime > this.logTime) this.logTime = appendTime;
  }
}

/** Records behind which others may be read with other eyes: nothing is taken in behind them. */
export function standsAlone({ asks }: Pick<Entry, 'asks'>): boolean {
  return asks.kind === 'ruleset' || asks.kind === 'start' || asks.kind === 'erase';
}

/** The log time when the first `length` of them are applied, ms. */
export function logTimeAfter(
  { logTime }: { readonly logTime: number },
  entries: readonly Entry[],
  length: number,
): number {
  let latest = logTime;
  for (let k = 0; k < length; k++) if (entries[k]!.appendTime > latest) latest = entries[k]!.appendTime;
  return latest;
}
