import { partitionFor } from '#core';
import type { AppendedAt, AppendRequest, StreamRecord } from '#engine';

const encoder = new TextEncoder();

/** The log: what was written stays, in the order of its commit, with a time that never goes back. */
export class ModelLog {
  readonly partitions: StreamRecord[][];
  private readonly times: number[];
  private spread = 0;

  constructor(count: number) {
    this.partitions = Array.from({ length: count }, () => []);
    this.times = Array.from({ length: count }, () => 0);
  }

  get count(): number {
    return this.partitions.length;
  }

  /** Where the next record of this partition will not be before. */
  end(partition: number): number {
    return (this.partitions[partition]!.at(-1)?.offset ?? -1) + 1;
  }

  /** @param gap offsets that are left out before the first one, as transaction markers do */
  append(requests: readonly AppendRequest[], now: number, gap = 0): AppendedAt[] {
    return requests.map(({ key, partition: given, value, headers }, n) => {
      const partition = given ?? (key === null ? this.spread++ % this.count : partitionFor(key, this.count));
      const offset = this.end(partition) + (n === 0 ? gap : 0);
      const appendTime = (this.times[partition] = Math.max(this.times[partition]!, now));
      const keyBytes = key === null ? null : encoder.encode(key);
      this.partitions[partition]!.push({ offset, appendTime, key: keyBytes, value, headers: headers ?? null });
      return { partition, offset };
    });
  }
}
