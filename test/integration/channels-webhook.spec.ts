import { jest } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { WebhookProvider, type WebhookOptions } from '#channels';
import { HttpSink, TcpProxy, type ReceivedRequest, type SinkAnswer } from '#testkit';
import { describeProviderContract, no, outgoing, yes } from './channels-contract.js';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const clock = { now: () => NOW };
const SECRET = `whsec_${Buffer.from('a key of twenty-four by!').toString('base64')}`;
const providerFor = (url: string, options: Partial<WebhookOptions> = {}) =>
  new WebhookProvider({ url, secret: SECRET, allowPrivate: true, clock, connections: 4, ...options });
const idsIn = (sink: HttpSink) => sink.requests.all.map((request) => String(request.headers['webhook-id']));

describeProviderContract('webhook', async () => {
  const sink = await HttpSink.start();
  const proxy = await TcpProxy.to(sink.url);
  return {
    provider: providerFor(proxy.through(sink.url)),
    accepted: () => Promise.resolve(idsIn(sink)),
    falter: () => proxy.cut(),
    recover: () => proxy.mend(),
    loseAnswers: () => sink.answerWith({ hangUp: true }),
    stop: async () => {
      await proxy.stop();
      await sink.stop();
    },
  };
});

describe('a message by webhook', () => {
  let sink: HttpSink;
  let provider: WebhookProvider;
  beforeEach(async () => {
    sink = await HttpSink.start();
    provider = providerFor(`${sink.url}/in?shop=1`);
  });
  afterEach(async () => {
    await provider.close();
    await sink.stop();
  });

  it('is a Standard Webhook', async () => {
    const message = outgoing({ channel: 'sms', address: '+491701234567' });
    expect(await provider.send(message, yes)).toEqual({ kind: 'accepted', providerId: null, detail: 'HTTP 200' });
    const { method, path, headers, body, json } = await sink.requests.first();
    expect([method, path, headers['content-type']]).toEqual(['POST', '/in?shop=1', 'application/json']);
    expect([headers['webhook-id'], headers['webhook-timestamp']]).toEqual([message.id, String(NOW / 1000)]);
    const key = Buffer.from('a key of twenty-four by!');
    const expected = createHmac('sha256', key)
      .update(`${message.id}.${NOW / 1000}.${body}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(json()).toEqual({
      type: 'abandoned-cart',
      timestamp: '2026-03-02T09:00:00.000Z',
      data: {
        message_id: message.id,
        channel: 'sms',
        to: '+491701234567',
        customer: 'ann',
        template: 'cart-reminder',
        category: 'promotional',
        ...message.rendered,
        unsubscribe_url: 'https://shop.test/u/token-1',
      },
    });
  });

  const call = {
    id: '0000512b-0000-4000-8000-000000000001',
    rule: 'detractor',
    customer: 'ann',
    to: 'helpdesk',
    plannedAt: NOW,
    body: { score: 3, customer: { id: 'ann' } },
  };

  it('may be the call of a step, which has the body that the step says', async () => {
    expect(await provider.call(call, yes)).toMatchObject({ kind: 'accepted' });
    const { headers, json, body } = await sink.requests.first();
    expect(json()).toEqual({ type: 'detractor', timestamp: '2026-03-02T09:00:00.000Z', data: call.body });
    const signed = createHmac('sha256', Buffer.from('a key of twenty-four by!'));
    const expected = signed.update(`${call.id}.${NOW / 1000}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(await provider.call(call, no)).toEqual({ kind: 'not permitted' });
    expect(sink.requests.all).toHaveLength(1);
  });

  it('is not signed where the shop names no secret', async () => {
    const open = providerFor(sink.url, { secret: null });
    await open.call(call, yes);
    await open.close();
    const { headers } = await sink.requests.first();
    expect(headers['webhook-id']).toBe(call.id);
    expect(headers).not.toHaveProperty('webhook-signature');
  });

  it('has the same body in every attempt, so that copies can be told', async () => {
    const message = outgoing();
    sink.answerWith({ status: 500 }, 1);
    await provider.send(message, yes);
    await provider.send(message, yes);
    const [first, second] = sink.requests.all as [ReceivedRequest, ReceivedRequest];
    expect([second.body, second.headers['webhook-id']]).toEqual([first.body, first.headers['webhook-id']]);
  });

  it('is signed with a plain secret, too', async () => {
    await provider.close();
    provider = providerFor(sink.url, { secret: 'plain words' });
    const message = outgoing();
    await provider.send(message, yes);
    const { headers, body } = await sink.requests.first();
    const expected = createHmac('sha256', 'plain words')
      .update(`${message.id}.${NOW / 1000}.${body}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  });

  it.each<[SinkAnswer, object]>([
    [{ status: 202 }, { kind: 'accepted' }],
    [{ status: 408 }, { kind: 'temporary', retryAfterMs: null }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'temporary', retryAfterMs: 7_000 },
    ],
    [
      { status: 503, headers: { 'retry-after': 'Mon, 02 Mar 2026 09:02:00 GMT' } },
      { kind: 'temporary', retryAfterMs: 120_000 },
    ],
    [
      { status: 503, headers: { 'retry-after': 'soon' } },
      { kind: 'temporary', retryAfterMs: null },
    ],
    [
      { status: 503, headers: { 'retry-after': '99999999' } },
      { kind: 'temporary', retryAfterMs: 86_400_000 },
    ],
    [{ status: 400 }, { kind: 'permanent', addressDead: false }],
    [{ status: 401 }, { kind: 'permanent', addressDead: false }],
    [{ status: 410 }, { kind: 'permanent', addressDead: false }],
    [{ hangUp: true }, { kind: 'unknown', detail: expect.stringContaining('webhook-id') as string }],
  ])('answered with %j is %j', async (answer, result) => {
    sink.answerWith(answer, 1);
    expect(await provider.send(outgoing(), yes)).toMatchObject(result);
  });

  it('is not sent after a redirect', async () => {
    const elsewhere = await HttpSink.start();
    sink.answerWith({ status: 307, headers: { location: elsewhere.url } });
    expect(await provider.send(outgoing(), yes)).toMatchObject({ kind: 'permanent', addressDead: false });
    expect([sink.requests.all.length, elsewhere.requests.all.length]).toEqual([1, 0]);
    await elsewhere.stop();
  });

  it('is unknown when the answer does not come in time', async () => {
    const impatient = providerFor(sink.url, { answerWithinMs: 200 });
    sink.answerWith({ delayMs: 2_000 });
    expect(await impatient.send(outgoing(), yes)).toMatchObject({ kind: 'unknown' });
    await impatient.close();
  });

  it('is temporary where nobody listens', async () => {
    const deaf = providerFor('http://127.0.0.1:1');
    expect(await deaf.send(outgoing(), yes)).toMatchObject({ kind: 'temporary' });
    await deaf.close();
  });

  it('does not leave when the permit is refused', async () => {
    const permit = jest.fn(no);
    expect(await provider.send(outgoing(), permit)).toEqual({ kind: 'not permitted' });
    expect([permit.mock.calls.length, sink.requests.all.length]).toEqual([1, 0]);
  });

  it.each([
    ['an address written out', (port: string) => `http://127.0.0.1:${port}`],
    ['an IPv4 address as IPv6', (port: string) => `http://[::ffff:127.0.0.1]:${port}`],
    ['an address in odd spelling', (port: string) => `http://0x7f000001:${port}`],
    ['a name', (port: string) => `http://localhost:${port}`],
  ])('does not reach into the own network by %s, unless that is allowed', async (_how, url) => {
    const { port } = new URL(sink.url);
    const strict = providerFor(url(port), { allowPrivate: false });
    const result = await strict.send(outgoing(), yes);
    expect(result).toMatchObject({ kind: 'permanent', detail: expect.stringContaining('allow private') as string });
    expect(sink.requests.all).toHaveLength(0);
    await strict.close();
    const allowed = providerFor(url(port), { allowPrivate: true });
    expect(await allowed.send(outgoing(), yes)).toMatchObject({ kind: 'accepted' });
    await allowed.close();
  });
});
