import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import type { StreamHeaders } from '#engine';

/**
 * kafkajs builds seven objects for every record before anybody has looked at it: two fifths of what the engine allocates,
 * for records of which nine in ten concern no rule. A fetch that carries our mark is therefore answered with one message
 * for each *record batch*, its bytes untouched; `read-batch.ts` goes through them. Everything else about a fetch
 * (sessions, leaders, throttling, errors) stays with kafkajs, and so do fetches of older versions and of other consumers.
 *
 * Format: https://kafka.apache.org/documentation/#recordbatch and FetchResponse v11.
 */
export interface RecordBatch {
  readonly baseOffset: number;
  /** ms since 1970 UTC of all records where the log gave it; null: `baseTimestamp` and each record's difference. */
  readonly appendTime: number | null;
  readonly baseTimestamp: number;
  readonly count: number;
  /** The records one after the other, decompressed. Empty where a transaction was aborted or only ended. */
  readonly records: Buffer;
}

/** What kafkajs hands on as a message. */
export type RecordBatchMessage = KafkaMessage & { readonly recordBatch: RecordBatch };

export function isRecordBatch(message: KafkaMessage): message is RecordBatchMessage {
  return 'recordBatch' in message;
}

/** kafkajs gives a fetch no other mark than its numbers: a fetch of at most so many bytes is ours, an odd figure. */
export const MARKED_FETCH_BYTES = 2 * 1024 * 1024 + 7;

interface PartitionResponse {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly never[];
  readonly preferredReadReplica: number;
  readonly messages: readonly RecordBatchMessage[];
}

type Decode = (raw: Buffer) => Promise<object>;
type FetchRequest = (options: { readonly maxBytes?: number }) => { readonly response: { readonly decode: Decode } };
interface FetchProtocol {
  protocol(use: { readonly version: number }): FetchRequest;
}
interface Codec {
  decompress(bytes: Buffer): Promise<Buffer>;
}
interface Compression {
  /** Throws KafkaJSNotImplemented for a codec that nobody registered. */
  lookupCodecByAttributes(attributes: number): Codec | null;
}

const require = createRequire(import.meta.url);
const compression = require('kafkajs/src/protocol/message/compression/index.js') as Compression;
const fetch = require('kafkajs/src/protocol/requests/fetch/index.js') as FetchProtocol;

const VERSION = 11;
const HEADER_BYTES = 61;
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const MAGIC = 2;
const LOG_APPEND_TIME = 0x8;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const NOTHING = Buffer.alloc(0);

const protocolOf = fetch.protocol;
fetch.protocol = (use) => {
  const request = protocolOf(use);
  if (use.version !== VERSION) return request;
  return (options) => {
    const made = request(options);
    if (options.maxBytes !== MARKED_FETCH_BYTES) return made;
    const decode: Decode = async (raw) => (await decodeResponse(raw)) ?? made.response.decode(raw);
    return { ...made, response: { ...made.response, decode } };
  };
};

/** null: a message set of the time before record batches lies in it. */
async function decodeResponse(raw: Buffer): Promise<object | null> {
  const reader = new Reader(raw);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses: object[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: PartitionResponse[] = [];
    for (let left = reader.int32(); left > 0; left--) {
      const partition = await decodePartition(reader);
      if (partition === null) return null;
      partitions.push(partition);
    }
    responses.push({ topicName, partitions });
  }
  // As in kafkajs: the broker did not throttle, it wants the client to.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function decodePartition(reader: Reader): Promise<PartitionResponse | null> {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const [highWatermark, lastStableOffset, lastStartOffset] = [reader.int64(), reader.int64(), reader.int64()];
  const aborted: AbortedTransaction[] = [];
  for (let left = reader.int32(); left > 0; left--)
    aborted.push({ producerId: reader.int64(), firstOffset: Number(reader.int64()) });
  const preferredReadReplica = reader.int32();
  const messages = await decodeBatches(reader.bytes(), new AbortedTransactions(aborted));
  if (messages === null) return null;
  return {
    partition,
    errorCode,
    highWatermark: String(highWatermark),
    lastStableOffset: String(lastStableOffset),
    lastStartOffset: String(lastStartOffset),
    // Taken care of here: kafkajs takes one a message into account, too few for messages of this size.
    abortedTransactions: [],
    preferredReadReplica,
    messages,
  };
}

async function decodeBatches(bytes: Buffer, aborted: AbortedTransactions): Promise<RecordBatchMessage[] | null> {
  const messages: RecordBatchMessage[] = [];
  // The last batch may be cut off where the bound of the fetch lies.
  for (let at = 0; at + MAGIC_AT < bytes.length;) {
    const end = at + LENGTH_AT + 4 + bytes.readInt32BE(at + LENGTH_AT);
    if (bytes[at + MAGIC_AT] !== MAGIC) return null;
    if (end > bytes.length) break;
    messages.push(await decodeBatch(bytes.subarray(at, end), aborted));
    at = end;
  }
  return messages;
}

async function decodeBatch(bytes: Buffer, aborted: AbortedTransactions): Promise<RecordBatchMessage> {
  const baseOffset = Number(bytes.readBigInt64BE(0));
  const attributes = bytes.readInt16BE(21);
  const lastOffset = baseOffset + bytes.readInt32BE(23);
  const baseTimestamp = Number(bytes.readBigInt64BE(27));
  const maxTimestamp = Number(bytes.readBigInt64BE(35));
  const producerId = bytes.readBigInt64BE(43);
  const payload = bytes.subarray(HEADER_BYTES);
  let hidden = (attributes & CONTROL) !== 0;
  if (hidden) aborted.ended(producerId, payload);
  else if ((attributes & TRANSACTIONAL) !== 0) hidden = aborted.holds(producerId, lastOffset);
  const codec = hidden ? null : compression.lookupCodecByAttributes(attributes);
  return {
    offset: String(lastOffset),
    timestamp: String(maxTimestamp),
    attributes: 0,
    key: null,
    value: null,
    headers: {},
    recordBatch: {
      baseOffset,
      appendTime: (attributes & LOG_APPEND_TIME) === 0 ? null : maxTimestamp,
      baseTimestamp,
      count: hidden ? 0 : bytes.readInt32BE(57),
      records: hidden ? NOTHING : codec === null ? payload : await codec.decompress(payload),
    },
  };
}

interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** Which record batches of one fetch belong to transactions that were aborted: asked in the order of the log. */
class AbortedTransactions {
  private readonly coming: AbortedTransaction[];
  private readonly open = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.coming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  holds(producerId: bigint, lastOffset: number): boolean {
    while (this.coming.length > 0 && this.coming[0]!.firstOffset <= lastOffset)
      this.open.add(this.coming.shift()!.producerId);
    return this.open.has(producerId);
  }

  /** @param marker the only record of a control batch; its key is a version and a type, of which 0 is "aborted" */
  ended(producerId: bigint, marker: Buffer): void {
    const cursor = new RecordCursor(marker);
    cursor.next();
    if (cursor.keyStart >= 0 && marker.readInt16BE(cursor.keyStart + 2) === 0) this.open.delete(producerId);
  }
}

/** Goes through the records of a batch: `next` moves on, the fields say where the parts of the record lie. −1: null. */
export class RecordCursor {
  timestampDelta = 0;
  offsetDelta = 0;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  headersStart = 0;
  /** How many headers begin at `headersStart`. */
  headers = 0;
  private at = 0;

  /** @param bytes records one after the other */
  constructor(private readonly bytes: Buffer) {}

  next(): void {
    const end = this.varint() + this.at;
    this.at++;
    this.timestampDelta = this.varint();
    this.offsetDelta = this.varint();
    const keyLength = this.varint();
    this.keyStart = keyLength < 0 ? -1 : this.at;
    this.keyEnd = keyLength < 0 ? -1 : (this.at += keyLength);
    const valueLength = this.varint();
    this.valueStart = valueLength < 0 ? -1 : this.at;
    this.valueEnd = valueLength < 0 ? -1 : (this.at += valueLength);
    this.headers = this.varint();
    this.headersStart = this.at;
    if (end > this.bytes.length || this.at > end) throw new RangeError('a record batch is shorter than its records');
    this.at = end;
  }

  /** Of the record in hand. Of a header that is there more than once the last one counts. */
  readHeaders(): StreamHeaders {
    const { bytes, at: behind } = this;
    const read: Record<string, string> = {};
    this.at = this.headersStart;
    for (let left = this.headers; left > 0; left--) {
      const name = this.text();
      read[name] = this.text();
    }
    if (this.at > bytes.length) throw new RangeError('a record batch is shorter than its headers');
    this.at = behind;
    return read;
  }

  /** Length and UTF-8; empty where it is null. */
  private text(): string {
    const length = Math.max(0, this.varint());
    return this.bytes.toString('utf8', this.at, (this.at += length));
  }

  /** Zigzag, up to 2^53: differences of offsets and times fit. */
  private varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      if (this.at >= bytes.length) throw new RangeError('a record batch ends in the middle of a number');
      byte = bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Big endian, as everything in Kafka's protocol. */
class Reader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  int16(): number {
    return this.buffer.readInt16BE((this.at += 2) - 2);
  }

  int32(): number {
    return this.buffer.readInt32BE((this.at += 4) - 4);
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE((this.at += 8) - 8);
  }

  text(): string {
    const length = this.int16();
    return this.buffer.toString('utf8', this.at, (this.at += Math.max(0, length)));
  }

  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    return this.buffer.subarray(this.at, (this.at += length));
  }
}
