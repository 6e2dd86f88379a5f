import { Pool } from 'undici';
import { HttpSink } from '#testkit';
import { postOnce } from './post-once.js';

const request = (path: string) => ({ path, headers: {}, body: path });

describe('postOnce', () => {
  let sink: HttpSink;
  let pool: Pool;
  beforeEach(async () => {
    sink = await HttpSink.start();
    pool = new Pool(sink.url, { connections: 1, pipelining: 1 });
  });
  afterEach(async () => {
    await pool.destroy();
    await sink.stop();
  });

  it('never sends later what was given up while it waited for a connection', async () => {
    sink.answerWith({ delayMs: 500 }, 1);
    const first = postOnce(pool, request('/first'), 10_000);
    expect(await postOnce(pool, request('/second'), 50)).toMatchObject({ kind: 'error', begun: false });
    expect(await first).toMatchObject({ kind: 'answer', status: 200 });
    expect(await postOnce(pool, request('/third'), 10_000)).toMatchObject({ kind: 'answer' });
    expect(sink.requests.all.map(({ path }) => path)).toEqual(['/first', '/third']);
  });

  it('tells that a request had begun when its answer is missing', async () => {
    sink.answerWith({ hangUp: true });
    expect(await postOnce(pool, request('/'), 10_000)).toMatchObject({ kind: 'error', begun: true });
  });
});
