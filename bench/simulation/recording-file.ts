import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ShopTraffic } from '../traffic/shop-traffic.js';

export interface RecordingSize {
  readonly customers: number;
  readonly events: number;
}

const BEGIN = Date.UTC(2026, 2, 2);
/** Longer than the silence that win-back waits for. */
const SPAN_MS = 75 * 86_400_000;
const LINES_AT_ONCE = 1_000;

/** Eleven weeks of a shop's traffic as a recording, gzipped. The same size gives the same events. */
export async function writeRecording(path: string, size: RecordingSize): Promise<void> {
  await pipeline(Readable.from(pieces(size)), createGzip(), createWriteStream(path));
}

function* pieces({ customers, events }: RecordingSize): Generator<string> {
  const traffic = new ShopTraffic(customers, 11);
  let lines: string[] = [];
  for (let k = 0; k < events; k++) {
    lines.push(traffic.next(BEGIN + Math.floor((SPAN_MS * k) / events)).json);
    if (lines.length < LINES_AT_ONCE && k + 1 < events) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
}
