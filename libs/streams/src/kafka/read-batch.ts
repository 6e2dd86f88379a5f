import type { Batch, IHeaders, KafkaMessage } from 'kafkajs';
import type { Clock, StreamHeaders, StreamRecord } from '#engine';

const OVERHEAD_BYTES = 100;

/** kafkajs' types leave out where a batch was fetched from. */
export type FetchedBatch = Batch & { readonly fetchedOffset: string };

/** Records share the buffers of the fetch response; nothing is copied or decoded but offsets, times and headers. */
export function readBatch(batch: FetchedBatch, clock: Clock): { records: StreamRecord[]; bytes: number } {
  let bytes = 0;
  // All records of a produce request carry the same string.
  let stamp = '';
  let appendTime = 0;
  const records = batch.messages.map((message: KafkaMessage): StreamRecord => {
    if (message.timestamp !== stamp) {
      stamp = message.timestamp;
      appendTime = clock.at(Number(stamp));
    }
    const { key, value } = message;
    bytes += OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
    return { offset: Number(message.offset), appendTime, key, value, headers: readHeaders(message.headers) };
  });
  return { records, bytes };
}

function readHeaders(headers: IHeaders | undefined): StreamHeaders | null {
  let read: Record<string, string> | null = null;
  for (const name in headers) {
    const value = headers[name];
    // Of a header that is there more than once the last one counts.
    const last = Array.isArray(value) ? value[value.length - 1] : value;
    (read ??= {})[name] = last === undefined || last === null ? '' : String(last);
  }
  return read;
}
