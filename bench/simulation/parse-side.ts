import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { beSide, measure } from '../measure/side.js';
import type { Found, SimulationJob } from './job.js';

const CHUNK_BYTES = 256 * 1024;
const LINE_END = 10;

/** A bare pass: gunzip, lines, JSON.parse. */
async function parse(path: string): Promise<Found> {
  let lines = 0;
  let rest: Buffer = Buffer.alloc(0);
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  for await (const chunk of packed.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
      const { type } = JSON.parse(bytes.toString('utf8', start, end)) as { readonly type?: string };
      if (type !== undefined) lines++;
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) {
    JSON.parse(rest.toString());
    lines++;
  }
  return { lines, decisions: '' };
}

await beSide(async ({ path, warmUps }: SimulationJob) => {
  for (let k = 0; k < warmUps; k++) await parse(path);
  const done = measure();
  const result = await parse(path);
  return { sample: done(result.lines), result };
});
