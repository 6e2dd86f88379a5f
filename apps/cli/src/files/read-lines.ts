import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CommandError } from '../terminal/command-error.js';
import { boundsOf, LineBlock } from './line-block.js';

export interface LineSource {
  /** For people: the path as it was given, `standard input`. */
  readonly name: string;
  /** Bytes on the disk; null where nobody knows. */
  readonly size: number | null;
  blocks(): AsyncIterable<LineBlock>;
}

const CHUNK_BYTES = 256 * 1024;
const EMPTY = Buffer.alloc(0);
/** A line of a gigabyte is not an event: most likely it is not a file of lines at all. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** A file or standard input as it is when nothing is packed any more. */
export interface ByteSource {
  /** For people: the path as it was given, `standard input`. */
  readonly name: string;
  /** Bytes on the disk; null where nobody knows. */
  readonly size: number | null;
  /** @param counter its `bytes` say how much of the file, as it lies on the disk, was read so far */
  bytes(counter: { bytes: number }): AsyncGenerator<Buffer>;
}

/** @param path of a file, gzipped or not, or `-` for standard input. Throws CommandError. */
export async function openBytes(path: string): Promise<ByteSource> {
  if (path === '-') {
    const name = 'standard input';
    return { name, size: null, bytes: (counter) => plainBytes(name, process.stdin, counter) };
  }
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      error.code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read (${error.code ?? error.message})`,
    );
  });
  if (found.isDirectory()) throw new CommandError(`${path} is a folder; name a file of events, one JSON object a line`);
  return {
    name: path,
    size: found.size,
    bytes: (counter) => plainBytes(path, createReadStream(path, { highWaterMark: CHUNK_BYTES }), counter),
  };
}

/** @param path of a file of lines, gzipped or not, or `-` for standard input. Throws CommandError. */
export async function openLines(path: string): Promise<LineSource> {
  const source = await openBytes(path);
  return { name: source.name, size: source.size, blocks: () => readBlocks(source) };
}

async function* readBlocks({ name, bytes: open }: ByteSource): AsyncGenerator<LineBlock> {
  const counter = { bytes: 0 };
  let rest: Buffer = EMPTY;
  let number = 1;
  let isFirst = true;
  try {
    for await (const chunk of open(counter)) {
      const bytes = joined(rest, isFirst ? withoutMark(chunk) : chunk);
      isFirst = false;
      const found = boundsOf(bytes);
      rest = bytes.subarray(found.rest);
      const count = found.bounds.length / 2;
      if (rest.length > LONGEST_LINE)
        throw new CommandError(
          `${name}:${number + count} is longer than 16 MB; a file of events has one JSON object a line`,
        );
      if (count > 0) yield new LineBlock(bytes, found.bounds, number, counter.bytes);
      number += count;
    }
  } catch (error) {
    throw explainReading(name, error);
  }
  if (rest.length > 0) yield new LineBlock(rest, [0, rest.length], number, counter.bytes);
}

function joined(rest: Buffer, chunk: Buffer): Buffer {
  return rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
}

/** A byte order mark is no part of the first line. */
function withoutMark(chunk: Buffer): Buffer {
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
}

/** Gzip is known by its first bytes, whatever the file is called; standard input has no name anyway. */
async function* plainBytes(name: string, input: Readable, counter: { bytes: number }): AsyncGenerator<Buffer> {
  const iterator = (input as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await iterator.next();
  const counted = async function* (): AsyncGenerator<Buffer> {
    for (let next = first; next.done !== true; next = await iterator.next()) {
      counter.bytes += next.value.length;
      yield next.value;
    }
  };
  if (first.done === true) return;
  const zipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (!zipped && name.endsWith('.gz'))
    throw new CommandError(`${name} is called .gz and is not gzipped; rename it, or make it anew`);
  if (!zipped) return yield* counted();
  // What goes wrong reaches the reader of the last stream.
  yield* pipeline(
    Readable.from(counted()),
    createGunzip({ chunkSize: CHUNK_BYTES }),
    () => undefined,
  ) as AsyncIterable<Buffer>;
}

/** What went wrong with a file, for people. */
export function explainReading(name: string, error: unknown): unknown {
  if (error instanceof CommandError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new CommandError(`${name} ends in the middle of its gzip data: it was cut off, copy it anew`, {
      cause: error,
    });
  if (code?.startsWith('Z_')) return new CommandError(`${name} holds damaged gzip data (${message})`, { cause: error });
  return new CommandError(`${name} cannot be read (${code ?? message})`, { cause: error });
}
