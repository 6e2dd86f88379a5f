import type { Batch, IHeaders, KafkaMessage } from 'kafkajs';
import type { Clock, StreamHeaders, StreamRecord } from '#engine';
import { isRecordBatch, RecordCursor, type RecordBatch } from './record-batches.js';

const OVERHEAD_BYTES = 100;

/** kafkajs' types leave out where a batch was fetched from. */
export type FetchedBatch = Batch & { readonly fetchedOffset: string };

/** Records share the buffers of the fetch response; nothing is copied. */
export function readBatch(batch: FetchedBatch, clock: Clock): { records: StreamRecord[]; bytes: number } {
  const records: StreamRecord[] = [];
  const from = Number(batch.fetchedOffset);
  const times = new AppendTimes(clock);
  let bytes = 0;
  for (const message of batch.messages) {
    if (isRecordBatch(message)) bytes += readRecords(message.recordBatch, from, times, records);
    else bytes += readMessage(message, times, records);
  }
  return { records, bytes: bytes + records.length * OVERHEAD_BYTES };
}

/** All records of a produce request carry the same time. */
class AppendTimes {
  private latest = NaN;
  private read = 0;

  constructor(private readonly clock: Clock) {}

  at(ms: number): number {
    if (ms !== this.latest) {
      this.latest = ms;
      this.read = this.clock.at(ms);
    }
    return this.read;
  }
}

/** A batch begins before `from` where that lies in its middle. */
function readRecords(batch: RecordBatch, from: number, times: AppendTimes, records: StreamRecord[]): number {
  const { baseOffset, appendTime, baseTimestamp, count, records: bytes } = batch;
  const cursor = new RecordCursor(bytes);
  for (let left = count; left > 0; left--) {
    cursor.next();
    const offset = baseOffset + cursor.offsetDelta;
    if (offset < from) continue;
    const time = times.at(appendTime ?? baseTimestamp + cursor.timestampDelta);
    const { keyStart, keyEnd, valueStart, valueEnd } = cursor;
    records.push({
      offset,
      appendTime: time,
      key: keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd),
      value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
      headers: cursor.headers === 0 ? null : cursor.readHeaders(),
    });
  }
  return bytes.length;
}

function readMessage(
  { key, value, offset, timestamp, headers }: KafkaMessage,
  times: AppendTimes,
  records: StreamRecord[],
): number {
  const appendTime = times.at(Number(timestamp));
  records.push({ offset: Number(offset), appendTime, key, value, headers: readHeaders(headers) });
  return (key?.length ?? 0) + (value?.length ?? 0);
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
