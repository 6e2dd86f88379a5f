import type { AppendedAt, AppendRequest, EventStream, OwnershipListener, StreamMembership } from '#engine';

/** Remembers up to where each partition was written, so that a replay knows when everything was applied. */
export class TrackedStream implements EventStream {
  /** partition → offset behind the last record appended through here. */
  private readonly written = new Map<number, number>();
  /** Appends whose place in the stream is not known yet: the engine's own ticks come at any time. */
  private underWay = 0;

  constructor(private readonly stream: EventStream) {}

  get name(): string {
    return this.stream.name;
  }

  partitionCount(): Promise<number> {
    return this.stream.partitionCount();
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendedAt[]> {
    this.underWay++;
    try {
      const appended = await this.stream.append(requests);
      for (const { partition, offset } of appended) this.wrote(partition, offset);
      return appended;
    } finally {
      this.underWay--;
    }
  }

  /** A record lies at this place, also one that was not appended through here. */
  wrote(partition: number, offset: number): void {
    this.written.set(partition, Math.max(this.written.get(partition) ?? 0, offset + 1));
  }

  /** All that was appended is applied, as far as `appliedOffset` tells of each partition. */
  isApplied(appliedOffset: (partition: number) => number | null): boolean {
    return (
      this.underWay === 0 &&
      [...this.written].every(([partition, written]) => (appliedOffset(partition) ?? -1) >= written)
    );
  }

  own(listener: OwnershipListener): Promise<StreamMembership> {
    return this.stream.own(listener);
  }

  close(): Promise<void> {
    return this.stream.close();
  }
}
