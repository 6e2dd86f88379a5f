import type { AppendedAt, AppendRequest, EventStream, OwnershipListener, StreamMembership } from '#engine';

/** Remembers up to where each partition was written, so that a replay knows when everything was applied. */
export class TrackedStream implements EventStream {
  /** partition → offset behind the last record appended through here. */
  readonly written = new Map<number, number>();

  constructor(private readonly stream: EventStream) {}

  get name(): string {
    return this.stream.name;
  }

  partitionCount(): Promise<number> {
    return this.stream.partitionCount();
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendedAt[]> {
    const appended = await this.stream.append(requests);
    for (const { partition, offset } of appended) {
      this.written.set(partition, Math.max(this.written.get(partition) ?? 0, offset + 1));
    }
    return appended;
  }

  own(listener: OwnershipListener): Promise<StreamMembership> {
    return this.stream.own(listener);
  }

  close(): Promise<void> {
    return this.stream.close();
  }
}
