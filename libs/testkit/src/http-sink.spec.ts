import { HttpSink } from './http-sink.js';

describe('HttpSink', () => {
  let sink: HttpSink;
  const post = (): Promise<Response> =>
    fetch(`${sink.url}/hook?x=1`, { method: 'POST', body: '{"a":1}', headers: { 'x-key': 'k' } });

  beforeEach(async () => {
    sink = await HttpSink.start();
  });
  afterEach(() => sink.stop());

  it('keeps requests and answers 200', async () => {
    expect((await post()).status).toBe(200);
    const request = await sink.requests.first();
    expect(request).toMatchObject({ method: 'POST', path: '/hook?x=1', body: '{"a":1}' });
    expect(request.headers['x-key']).toBe('k');
    expect(request.json()).toEqual({ a: 1 });
  });

  it('answers as told, so many times', async () => {
    sink.answerWith({ status: 503, headers: { 'retry-after': '7' }, body: 'busy' }, 1);
    const busy = await post();
    expect([busy.status, busy.headers.get('retry-after'), await busy.text()]).toEqual([503, '7', 'busy']);
    expect((await post()).status).toBe(200);
  });

  it('has the request when it breaks the connection instead of answering', async () => {
    sink.answerWith({ hangUp: true });
    await expect(post()).rejects.toThrow();
    expect(sink.requests.all).toHaveLength(1);
  });

  it('answers late when told to', async () => {
    sink.answerWith({ delayMs: 60 });
    const began = performance.now();
    await post();
    expect(performance.now() - began).toBeGreaterThanOrEqual(55);
  });
});
