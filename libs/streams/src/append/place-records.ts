import { partitionFor } from '#core';
import { StoreError, type AppendRequest, type StreamHeaders } from '#engine';

/** A record whose partition is settled. Buffers are views of what was given, not copies. */
export interface PlacedRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: StreamHeaders | null;
  /** About what it takes in the log, for limits. */
  readonly bytes: number;
}

const OVERHEAD_BYTES = 70;
let nextWithoutKey = 0;

/**
 * Gives every request its partition: the one it names, else murmur2 of its key, else the next in turn.
 * Throws `StoreError` (`no_such_partition`) for a partition outside the stream.
 */
export function placeRecords(requests: readonly AppendRequest[], partitions: number): PlacedRecord[] {
  return requests.map((request) => {
    const partition =
      request.partition ??
      (request.key === null ? nextWithoutKey++ % partitions : partitionFor(request.key, partitions));
    if (!(partition >= 0 && partition < partitions)) {
      throw new StoreError(
        `partition ${partition} does not exist: the stream has ${partitions}`,
        'no_such_partition',
        false,
      );
    }
    const key = request.key === null ? null : Buffer.from(request.key);
    const value = request.value === null ? null : asBuffer(request.value);
    const headers = request.headers ?? null;
    const bytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(headers);
    return { partition, key, value, headers, bytes };
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function headerBytes(headers: StreamHeaders | null): number {
  let bytes = 0;
  for (const name in headers) bytes += name.length + headers[name]!.length + 4;
  return bytes;
}
