import { StoreError, type AppendedAt } from '#engine';
import type { PlacedRecord } from './place-records.js';

export interface AppendQueueOptions {
  /** How long an idle queue waits for company before it writes, ms; 0 is one turn of the event loop. */
  readonly lingerMs: number;
  /** Records and bytes of one write at most; a single larger record goes alone. */
  readonly maxRecords: number;
  readonly maxBytesOfPartition: number;
  /** Bytes waiting above which callers are turned away. */
  readonly maxQueuedBytes: number;
}

/** Writes records durably and says at which offset each of them lies, in the same order. Throws `StoreError`. */
export type WriteRecords = (records: readonly PlacedRecord[]) => Promise<readonly number[]>;

interface Call {
  readonly appended: AppendedAt[];
  readonly resolve: (appended: readonly AppendedAt[]) => void;
  readonly reject: (error: unknown) => void;
  remaining: number;
  failed: boolean;
}

/** A part of one call that is written at once. */
interface Chunk {
  readonly call: Call;
  readonly first: number;
  readonly records: readonly PlacedRecord[];
  readonly bytes: number;
}

/**
 * The one appender of a process: groups what is asked for meanwhile into one write and never has two writes under way.
 * kafkajs gives the sequence numbers of a produce request that failed, but may have been written, to the next request:
 * were there one, the broker would take it for a duplicate and drop it.
 */
export class AppendQueue {
  private readonly waiting: Chunk[] = [];
  private queuedBytes = 0;
  private running: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly write: WriteRecords,
    private readonly options: AppendQueueOptions,
  ) {}

  append(records: readonly PlacedRecord[]): Promise<readonly AppendedAt[]> {
    if (this.closed) return Promise.reject(new StoreError('the stream is closed', 'stream_closed', false));
    if (records.length === 0) return Promise.resolve([]);
    if (this.queuedBytes > this.options.maxQueuedBytes) {
      return Promise.reject(
        new StoreError('more is to be written to the stream than it takes', 'stream_overloaded', true),
      );
    }
    return new Promise((resolve, reject) => {
      const call: Call = {
        appended: new Array<AppendedAt>(records.length),
        resolve,
        reject,
        remaining: 0,
        failed: false,
      };
      for (const chunk of this.chunksOf(call, records)) {
        call.remaining++;
        this.queuedBytes += chunk.bytes;
        this.waiting.push(chunk);
      }
      this.running ??= this.run();
    });
  }

  /** Writes what is waiting and takes nothing more. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private *chunksOf(call: Call, records: readonly PlacedRecord[]): Generator<Chunk> {
    let first = 0;
    while (first < records.length) {
      const room = new Room(this.options);
      let end = first;
      while (end < records.length && room.takes([records[end]!])) end++;
      yield { call, first, records: records.slice(first, end), bytes: room.bytes };
      first = end;
    }
  }

  private async run(): Promise<void> {
    const { lingerMs } = this.options;
    await new Promise((resolve) => (lingerMs === 0 ? setImmediate(resolve) : setTimeout(resolve, lingerMs)));
    while (this.waiting.length > 0) await this.writeGroup(this.nextGroup());
    this.running = null;
  }

  private nextGroup(): Chunk[] {
    const room = new Room(this.options);
    let count = 0;
    while (count < this.waiting.length && room.takes(this.waiting[count]!.records)) count++;
    const group = this.waiting.splice(0, count);
    for (const chunk of group) this.queuedBytes -= chunk.bytes;
    // The rest of a call that failed would come before what failed, once that is tried again.
    return group.filter(({ call }) => !call.failed);
  }

  private async writeGroup(group: readonly Chunk[]): Promise<void> {
    if (group.length === 0) return;
    try {
      const offsets = await this.write(group.flatMap(({ records }) => records));
      let from = 0;
      for (const chunk of group) {
        settle(chunk, offsets.slice(from, from + chunk.records.length));
        from += chunk.records.length;
      }
    } catch (error) {
      const company = group.length > 1 && !(error instanceof StoreError && error.retryable);
      // One record that is refused for good must not fail those it was grouped with.
      if (company) for (const chunk of group) await this.writeGroup(chunk.call.failed ? [] : [chunk]);
      else for (const { call } of group) fail(call, error);
    }
  }
}

/** What fits into one write. The first always does. */
class Room {
  bytes = 0;
  private records = 0;
  private readonly ofPartition = new Map<number, number>();

  constructor(private readonly limits: AppendQueueOptions) {}

  takes(records: readonly PlacedRecord[]): boolean {
    const { maxRecords, maxBytesOfPartition } = this.limits;
    const added = new Map<number, number>();
    for (const { partition, bytes } of records) {
      added.set(partition, (added.get(partition) ?? this.ofPartition.get(partition) ?? 0) + bytes);
    }
    const full =
      this.records + records.length > maxRecords || [...added.values()].some((bytes) => bytes > maxBytesOfPartition);
    if (full && this.records > 0) return false;
    this.records += records.length;
    for (const { bytes } of records) this.bytes += bytes;
    for (const [partition, bytes] of added) this.ofPartition.set(partition, bytes);
    return true;
  }
}

function settle({ call, first, records }: Chunk, offsets: readonly number[]): void {
  records.forEach(({ partition }, k) => (call.appended[first + k] = { partition, offset: offsets[k]! }));
  if (--call.remaining === 0 && !call.failed) call.resolve(call.appended);
}

function fail(call: Call, error: unknown): void {
  call.failed = true;
  call.reject(error);
}
