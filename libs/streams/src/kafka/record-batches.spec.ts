import { createRequire } from 'node:module';
import type { Batch, KafkaMessage } from 'kafkajs';
import { readBatch, type FetchedBatch } from './read-batch.js';
import { MARKED_FETCH_BYTES } from './record-batches.js';

// kafkajs' own encoder and decoder say what is right.
const require = createRequire(import.meta.url);
interface Encoded {
  readonly buffer: Buffer;
}
interface Encoder extends Encoded {
  writeInt16(value: number): this;
  writeInt32(value: number): this;
  writeInt64(value: number | bigint): this;
  writeString(value: string): this;
  writeBytes(value: Buffer): this;
}
interface Decoded {
  readonly responses: readonly { readonly partitions: readonly Partition[] }[];
}
interface Partition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly KafkaMessage[];
}
const EncoderClass = require('kafkajs/src/protocol/encoder.js') as new () => Encoder;
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: (options: object) => Promise<Encoded>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (record: object) => object;
const MessageSet = require('kafkajs/src/protocol/messageSet/index.js') as (options: object) => Encoded;
const KafkaBatch = require('kafkajs/src/consumer/batch.js') as new (
  topic: string,
  fetchedOffset: string,
  partition: Partition,
) => Batch;
const fetch = require('kafkajs/src/protocol/requests/fetch/index.js') as {
  protocol(use: { version: number }): (options: object) => { response: { decode(raw: Buffer): Promise<Decoded> } };
};

const clock = { at: (ms: number) => ms, now: () => 0 };
const GZIP = 1;
const CONTROL = 0x20;
const LOG_APPEND_TIME = 0x8;

interface BatchOf {
  readonly firstOffset: number;
  readonly records: readonly object[];
  readonly compression?: number;
  readonly producerId?: number;
  readonly transactional?: boolean;
  readonly flags?: number;
}

async function batchOf({ records, flags = 0, ...options }: BatchOf): Promise<Buffer> {
  const { buffer } = await RecordBatch({
    firstTimestamp: 1_000_000,
    maxTimestamp: 1_000_999,
    lastOffsetDelta: records.length - 1,
    records: records.map((record, n) => Record({ offsetDelta: n, timestampDelta: 10 * n, key: null, ...record })),
    ...options,
  });
  const bytes = Buffer.from(buffer);
  bytes[22]! |= flags;
  return bytes;
}

/** The response of a broker: one topic, one partition. */
function responseOf(batches: Buffer, aborted: readonly { producerId: number; firstOffset: number }[] = []): Buffer {
  const encoder = new EncoderClass().writeInt32(0).writeInt16(0).writeInt32(7);
  encoder.writeInt32(1).writeString('events').writeInt32(1);
  encoder.writeInt32(3).writeInt16(0).writeInt64(900).writeInt64(900).writeInt64(0).writeInt32(aborted.length);
  for (const { producerId, firstOffset } of aborted) encoder.writeInt64(producerId).writeInt64(firstOffset);
  return Buffer.from(encoder.writeInt32(-1).writeBytes(batches).buffer);
}

/** What eachBatch would be given when it had asked for `from`. */
async function fetched(raw: Buffer, from: number, maxBytes: number): Promise<FetchedBatch> {
  const { response } = fetch.protocol({ version: 11 })({ maxBytes, maxWaitTime: 1, minBytes: 1, topics: [] });
  const { responses } = await response.decode(raw);
  return new KafkaBatch('events', String(from), responses[0]!.partitions[0]!) as FetchedBatch;
}

async function read(raw: Buffer, from = 0, maxBytes = MARKED_FETCH_BYTES) {
  const batch = await fetched(raw, from, maxBytes);
  const records = readBatch(batch, clock).records.map(({ offset, appendTime, key, value, headers }) => ({
    offset,
    appendTime,
    key: key && Buffer.from(key).toString(),
    value: value && Buffer.from(value).toString(),
    headers,
  }));
  return { records, last: batch.lastOffset(), units: batch.messages.length };
}

const RECORDS = [
  { key: Buffer.from('ann'), value: Buffer.from('{"n":1}') },
  {
    key: null,
    value: Buffer.from(''),
    headers: { 'kairos-kind': Buffer.from('tick'), twice: [Buffer.from('a'), Buffer.from('ü')] },
  },
  { key: Buffer.from(''), value: null, timestampDelta: -3 },
  { key: Buffer.from('k'.repeat(70)), value: Buffer.from('v'.repeat(20_000)), timestampDelta: 5_000_000_000 },
];

describe('fetches as record batches', () => {
  it.each([
    ['plain', {}],
    ['compressed', { compression: GZIP }],
    ['with the time of the log', { flags: LOG_APPEND_TIME }],
  ])('says of every record what kafkajs says: %s', async (_, options) => {
    const batches = [
      await batchOf({ firstOffset: 40, records: RECORDS, ...options }),
      await batchOf({ firstOffset: 2 ** 33, records: RECORDS, ...options }),
    ];
    const raw = responseOf(Buffer.concat(batches));
    const [ours, theirs] = [await read(raw), await read(raw, 0, MARKED_FETCH_BYTES + 1)];
    expect([ours.units, theirs.units]).toEqual([2, 8]);
    expect(ours.records).toEqual(theirs.records);
    expect(ours.last).toBe(theirs.last);
    expect(ours.records[1]!.headers).toEqual({ 'kairos-kind': 'tick', twice: 'ü' });
  });

  it('begins in the middle of a batch where that was asked for', async () => {
    const raw = responseOf(await batchOf({ firstOffset: 40, records: RECORDS }));
    expect((await read(raw, 42)).records.map((record) => record.offset)).toEqual([42, 43]);
    expect((await read(raw, 44)).records).toEqual([]);
  });

  it('leaves out a batch that the bound of the fetch cut off', async () => {
    const whole = await batchOf({ firstOffset: 0, records: RECORDS });
    const cut = (await batchOf({ firstOffset: 4, records: RECORDS })).subarray(0, -1);
    expect((await read(responseOf(Buffer.concat([whole, cut])))).records).toHaveLength(RECORDS.length);
  });

  it('steps over aborted transactions and markers, several of them, and says how far it came', async () => {
    const marker = (producerId: number, firstOffset: number, type: number) =>
      batchOf({
        firstOffset,
        producerId,
        transactional: true,
        flags: CONTROL,
        records: [{ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) }],
      });
    const sent = (producerId: number, firstOffset: number) =>
      batchOf({ firstOffset, producerId, transactional: true, records: [{ value: Buffer.from(`${producerId}`) }] });
    const batches = await Promise.all([
      sent(2, 10),
      sent(1, 11),
      sent(3, 12),
      marker(1, 13, 0),
      marker(2, 14, 0),
      marker(3, 15, 1),
      sent(1, 16),
      marker(1, 17, 1),
    ]);
    const aborted = [
      { producerId: 1, firstOffset: 5 },
      { producerId: 2, firstOffset: 6 },
    ];
    const { records, last } = await read(responseOf(Buffer.concat(batches), aborted));
    expect(records.map(({ offset, value }) => `${offset}:${value}`)).toEqual(['12:3', '16:1']);
    expect(last).toBe('17');
  });

  it('leaves the message sets of old logs to kafkajs', async () => {
    const { buffer } = MessageSet({
      messageVersion: 1,
      entries: [{ key: 'ann', value: 'old', timestamp: 7, offset: 5 }],
    });
    const { records } = await read(responseOf(Buffer.from(buffer)));
    expect(records).toMatchObject([{ key: 'ann', value: 'old', appendTime: 7, headers: null }]);
  });
});
