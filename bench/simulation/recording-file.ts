import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';

interface Line {
  readonly time: number;
  readonly json: string;
}

interface Call {
  readonly userId: string;
  readonly messageId: string;
  readonly timestamp: string;
}

/** Between two copies: an odd one, so that no two of them keep step. */
const SHIFT_MS = 11 * 60_000 + 7_919;
const LINES_AT_ONCE = 1_000;

/**
 * Real shopping histories (examples/recordings) lived by many more customers, each copy somewhat later than the one
 * before: how people browse, fill carts and buy decides how much of a recording concerns any rule. Gzipped, by time.
 */
export async function writeRecording(path: string, recorded: string, events: number): Promise<void> {
  const calls = gunzipSync(readFileSync(recorded))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Call);
  const lines: Line[] = [];
  for (let copy = 0; lines.length < events; copy++) {
    for (const call of calls) {
      const time = Date.parse(call.timestamp) + copy * SHIFT_MS;
      const ids = { userId: `${call.userId}-${copy}`, messageId: `${call.messageId}-${copy}` };
      lines.push({ time, json: JSON.stringify({ ...call, ...ids, timestamp: new Date(time).toISOString() }) });
    }
  }
  lines.sort((a, b) => a.time - b.time);
  await pipeline(Readable.from(pieces(lines.slice(0, events))), createGzip(), createWriteStream(path));
}

function* pieces(lines: readonly Line[]): Generator<string> {
  for (let at = 0; at < lines.length; at += LINES_AT_ONCE)
    yield lines
      .slice(at, at + LINES_AT_ONCE)
      .map(({ json }) => `${json}\n`)
      .join('');
}
