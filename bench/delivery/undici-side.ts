import { Pool } from 'undici';
import { beSide, measure, type Sample } from '../measure/side.js';
import { orderOf } from './bench-shop.js';

const UNDER_WAY = 200;

/** The same calls from undici's pool: nothing decided, signed or recorded. */
async function send(port: number, messages: number): Promise<Sample> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 16, pipelining: 1 });
  const done = measure();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < messages) {
      const n = next++;
      const timestamp = new Date().toISOString();
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/json', 'webhook-id': String(n) },
        body: JSON.stringify({ type: 'thanks', timestamp, data: orderOf(n) }),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`the sink answered ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, lane));
  const sample = done(messages);
  await pool.close();
  return sample;
}

await beSide(async ({ port, warmUp, messages }: { port: number; warmUp: number; messages: number }) => {
  await send(port, warmUp);
  return { sample: await send(port, messages), result: null };
});
