import type {
  AppendedAt,
  AppendRequest,
  EventStream,
  PartitionFeed,
  StreamBatch,
  StreamMembership,
  StreamRecord,
} from '../../ports/event-stream.js';

/** A feed over records in memory, in batches of the sizes given, then of one. */
export class ModelFeed implements PartitionFeed {
  readonly partition = 0;
  readonly join = 1;
  readonly queuedBytes = 0;
  readonly lag = null;
  readonly logEnd = null;
  readonly confirmedAt = 0;
  current = true;
  private at = 0;

  constructor(
    private readonly records: readonly StreamRecord[],
    private readonly sizes: number[],
    /** Called instead of waiting when everything was read. */
    private readonly onDrained: () => void,
  ) {}

  seek(offset: number): Promise<void> {
    this.at = this.records.findIndex((record) => record.offset >= offset);
    if (this.at < 0) this.at = this.records.length;
    return Promise.resolve();
  }

  poll(): StreamBatch | null {
    if (this.at >= this.records.length) {
      this.onDrained();
      return null;
    }
    const records = this.records.slice(this.at, this.at + (this.sizes.shift() ?? 1));
    this.at += records.length;
    return { records, nextOffset: records.at(-1)!.offset + 1 };
  }

  onAvailable(wake: () => void): void {
    wake();
  }
}

/** Takes what is appended; nothing is read from it. */
export class ModelStream implements EventStream {
  readonly name = 'kairos.events';
  readonly appended: AppendRequest[] = [];

  partitionCount(): Promise<number> {
    return Promise.resolve(1);
  }

  append(requests: readonly AppendRequest[]): Promise<readonly AppendedAt[]> {
    this.appended.push(...requests);
    return Promise.resolve(requests.map((_, offset) => ({ partition: 0, offset })));
  }

  own(): Promise<StreamMembership> {
    throw new Error('the owner under test is given its feed');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
