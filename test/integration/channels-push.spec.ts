import { createVerify, generateKeyPairSync } from 'node:crypto';
import { FcmProvider, WebPushProvider } from '#channels';
import type { OutgoingMessage } from '#engine';
import { HttpSink, type ReceivedRequest, type SinkAnswer } from '#testkit';
import webPush from 'web-push';
import { describeProviderContract, outgoing, yes } from './channels-contract.js';
import { PushReceiver } from './push-receiver.js';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const clock = { now: () => NOW };
const rendered = { subject: null, html: null, text: 'Grüße 🎁', locale: 'de' };
const took = ({ answer: { status = 200, hangUp = false } }: ReceivedRequest) => hangUp || status < 300;

const json = (status: number, body: object, headers = {}): SinkAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
/** https://firebase.google.com/docs/cloud-messaging/error-codes */
const fcmError = (code: number, status: string, message: string, errorCode = status, headers = {}): SinkAnswer =>
  json(code, { error: { code, message, status, details: [{ '@type': FCM_ERROR, errorCode }] } }, headers);

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Google's token endpoint: a token for a JWT that the service account's key has signed. */
const oauthServer = () =>
  HttpSink.start(({ body, path }) => {
    const form = new URLSearchParams(body);
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const signed = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url');
    const { iss, scope, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const right =
      path === '/token' &&
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      [iss, scope].join() === 'push@shop.test,https://www.googleapis.com/auth/firebase.messaging' &&
      [iat, exp].join() === `${NOW / 1000},${NOW / 1000 + 3600}`;
    if (!signed || !right) return json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    return json(200, { access_token: 'ya29.token', expires_in: 3599, token_type: 'Bearer' });
  });

/** FCM, where `gone-…` are tokens of apps that were removed. */
const fcmServer = () =>
  HttpSink.start(({ headers, path, json: body }) => {
    if (headers.authorization !== 'Bearer ya29.token')
      return json(401, { error: { code: 401, status: 'UNAUTHENTICATED' } });
    if (path !== '/v1/projects/shop/messages:send') return json(404, { error: { code: 404, status: 'NOT_FOUND' } });
    const { token } = (body() as { message: { token: string } }).message;
    if (token.startsWith('gone')) return fcmError(404, 'NOT_FOUND', 'Requested entity was not found.', 'UNREGISTERED');
    return json(200, { name: `projects/shop/messages/${token}` });
  });

const toDevices = (...tokens: readonly string[]): OutgoingMessage => ({
  ...outgoing({ channel: 'push', address: tokens[0]!, rendered }),
  devices: tokens.map((address) => ({ address, keys: null })),
});

async function startFcm() {
  const [oauth, fcm] = await Promise.all([oauthServer(), fcmServer()]);
  const account = { project: 'shop', email: 'push@shop.test', privateKey: pem, tokenUri: `${oauth.url}/token` };
  const provider = new FcmProvider({ account, url: fcm.url, title: 'The Shop', clock, concurrency: 4 });
  return { oauth, fcm, provider, stop: async () => void (await Promise.all([oauth.stop(), fcm.stop()])) };
}

describeProviderContract('FCM', async () => {
  const { fcm, provider, stop } = await startFcm();
  const idOf = (request: ReceivedRequest) =>
    (request.json() as { message: { data: { message_id: string } } }).message.data.message_id;
  return {
    provider,
    outgoing: () => toDevices('device-token-1'),
    accepted: () => Promise.resolve(fcm.requests.all.filter(took).map(idOf)),
    falter: () => fcm.answerWith(fcmError(503, 'UNAVAILABLE', 'device-token-1: overloaded')),
    recover: () => fcm.heal(),
    loseAnswers: () => fcm.answerWith({ hangUp: true }),
    stop,
  };
});

describe('a push message over FCM', () => {
  let server: Awaited<ReturnType<typeof startFcm>>;
  beforeEach(async () => {
    server = await startFcm();
  });
  afterEach(async () => {
    await server.provider.close();
    await server.stop();
  });

  it('is shown under the name of the shop, or the title of its template', async () => {
    const { fcm, provider } = server;
    await provider.send(toDevices('a-token'), yes);
    await provider.send({ ...toDevices('a-token'), rendered: { ...rendered, subject: 'New' } }, yes);
    expect(fcm.requests.all.map((request) => (request.json() as { message: object }).message)).toMatchObject([
      { token: 'a-token', notification: { title: 'The Shop', body: 'Grüße 🎁' } },
      { notification: { title: 'New' } },
    ]);
  });

  it('asks for a token once, however many leave', async () => {
    await Promise.all(['one', 'two', 'three'].map((token) => server.provider.send(toDevices(token), yes)));
    expect([server.oauth.requests.all.length, server.fcm.requests.all.length]).toEqual([1, 3]);
  });

  it('is one message on several devices, and those that are gone are named', async () => {
    const result = await server.provider.send(toDevices('phone', 'gone-1', 'tablet'), yes);
    expect(result).toMatchObject({ kind: 'accepted', deadAddresses: ['gone-1'], detail: '2 of 3 devices, HTTP 200' });
    expect(server.fcm.requests.all).toHaveLength(3);
  });

  it('has no address left when all devices are gone', async () => {
    const result = await server.provider.send(toDevices('gone-1', 'gone-2'), yes);
    expect(result).toMatchObject({ kind: 'permanent', addressDead: true });
  });

  it('leaves nothing behind when there is no token for it', async () => {
    server.oauth.answerWith(json(400, { error: 'invalid_grant' }));
    expect(await server.provider.send(toDevices('phone'), yes)).toMatchObject({
      kind: 'temporary',
      unreachable: false,
      detail: 'no access token: HTTP 400, invalid_grant',
    });
    server.oauth.answerWith({ hangUp: true });
    expect(await server.provider.send(toDevices('phone'), yes)).toMatchObject({ kind: 'temporary', unreachable: true });
    expect(server.fcm.requests.all).toHaveLength(0);
  });

  it.each<[string, SinkAnswer, object]>([
    ['UNREGISTERED', fcmError(404, 'NOT_FOUND', '', 'UNREGISTERED'), { kind: 'permanent', addressDead: true }],
    ['SENDER_ID_MISMATCH', fcmError(403, 'PERMISSION_DENIED', '', 'SENDER_ID_MISMATCH'), { addressDead: true }],
    [
      'a token that is none',
      fcmError(400, 'INVALID_ARGUMENT', 'The registration token is not a valid FCM registration token'),
      { kind: 'permanent', addressDead: true },
    ],
    [
      'a message that is wrong',
      json(400, { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'Invalid value', details: [] } }),
      { kind: 'permanent', addressDead: false },
    ],
    [
      'QUOTA_EXCEEDED',
      fcmError(429, 'RESOURCE_EXHAUSTED', '', 'QUOTA_EXCEEDED', { 'retry-after': '60' }),
      { kind: 'temporary', retryAfterMs: 60_000 },
    ],
    ['INTERNAL', fcmError(500, 'INTERNAL', ''), { kind: 'temporary' }],
    ['UNAUTHENTICATED', json(401, { error: { code: 401, status: 'UNAUTHENTICATED' } }), { kind: 'temporary' }],
    ['a 502 of a proxy', { status: 502, body: 'Bad Gateway' }, { kind: 'unknown' }],
  ])('%s is read by the table', async (_what, answer, result) => {
    server.fcm.answerWith(answer);
    expect(await server.provider.send(toDevices('phone'), yes)).toMatchObject(result);
  });
});

const vapid = webPush.generateVAPIDKeys();

async function startPush(changes: { allowPrivate?: boolean } = {}) {
  const sink = await HttpSink.start(() => ({ status: 201 }));
  const receiver = new PushReceiver();
  const provider = new WebPushProvider({
    keys: vapid,
    contact: 'mailto:it@shop.test',
    title: 'The Shop',
    allowPrivate: true,
    clock,
    concurrency: 4,
    ...changes,
  });
  const toBrowsers = (...paths: readonly string[]): OutgoingMessage => {
    const devices = paths.map((path) => ({ address: `${sink.url}/push/${path}`, keys: receiver.keys }));
    return { ...outgoing({ channel: 'web push', address: devices[0]!.address, rendered }), devices };
  };
  return { sink, receiver, provider, toBrowsers };
}

describeProviderContract('Web Push', async () => {
  const { sink, receiver, provider, toBrowsers } = await startPush();
  const idOf = (request: ReceivedRequest) =>
    (receiver.open(request) as { data: { message_id: string } }).data.message_id;
  return {
    provider,
    outgoing: () => toBrowsers('one'),
    accepted: () => Promise.resolve(sink.requests.all.filter(took).map(idOf)),
    falter: () => sink.answerWith({ status: 503, body: 'overloaded' }),
    recover: () => sink.heal(),
    loseAnswers: () => sink.answerWith({ hangUp: true }),
    stop: () => sink.stop(),
  };
});

describe('a web push message', () => {
  let push: Awaited<ReturnType<typeof startPush>>;
  beforeEach(async () => {
    push = await startPush();
  });
  afterEach(async () => {
    await push.provider.close();
    await push.sink.stop();
  });

  it('is what only the browser can read, signed by the key of the shop', async () => {
    const { sink, receiver, provider, toBrowsers } = push;
    const message = toBrowsers('one');
    expect(await provider.send(message, yes)).toEqual({ kind: 'accepted', providerId: null, detail: 'HTTP 201' });
    const request = await sink.requests.first();
    expect(request.body).not.toContain('The Shop');
    expect(receiver.open(request)).toEqual({
      title: 'The Shop',
      body: 'Grüße 🎁',
      tag: message.id,
      data: { message_id: message.id },
    });
    expect(receiver.signer(request)).toEqual({ key: vapid.publicKey, aud: sink.url, sub: 'mailto:it@shop.test' });
    expect(request.headers).toMatchObject({
      'content-encoding': 'aes128gcm',
      ttl: '86400',
      topic: message.id.replaceAll('-', ''),
    });
  });

  it.each([404, 410])(
    'answered with %i has no subscription any more, and another browser still gets it',
    async (status) => {
      push.sink.answerWith({ status }, 1);
      const message = push.toBrowsers('one');
      expect(await push.provider.send(message, yes)).toMatchObject({ kind: 'permanent', addressDead: true });
      push.sink.answerWith({ status }, 1);
      const both = push.toBrowsers('one', 'two');
      const result = await push.provider.send(both, yes);
      expect(result).toMatchObject({ kind: 'accepted', deadAddresses: [expect.stringContaining('/push/')] });
    },
  );

  it.each<[SinkAnswer, object]>([
    [
      { status: 429, headers: { 'retry-after': '9' } },
      { kind: 'temporary', retryAfterMs: 9_000 },
    ],
    [{ status: 403 }, { kind: 'temporary' }],
    [{ status: 500 }, { kind: 'temporary' }],
    [{ status: 413 }, { kind: 'permanent', addressDead: false }],
    [
      { status: 307, headers: { location: 'http://127.0.0.1:1' } },
      { kind: 'permanent', addressDead: false },
    ],
    [{ hangUp: true }, { kind: 'unknown' }],
  ])('answered with %j is %j', async (answer, result) => {
    push.sink.answerWith(answer);
    expect(await push.provider.send(push.toBrowsers('one'), yes)).toMatchObject(result);
  });

  it('is as long as push services take, and no longer', async () => {
    const message = push.toBrowsers('one');
    const around = Buffer.byteLength(
      JSON.stringify({ title: 'The Shop', body: '', tag: message.id, data: { message_id: message.id } }),
    );
    const long = (bytes: number) => ({ ...message, rendered: { ...rendered, text: 'x'.repeat(bytes - around) } });
    expect(await push.provider.send(long(3_993), yes)).toMatchObject({ kind: 'accepted' });
    expect(Number((await push.sink.requests.first()).headers['content-length'])).toBe(4_096);
    expect(await push.provider.send(long(3_994), yes)).toMatchObject({ kind: 'permanent', addressDead: false });
  });

  it('does not reach into the own network where that is not allowed', async () => {
    const strict = await startPush({ allowPrivate: false });
    const inside = strict.toBrowsers('one');
    const { port } = new URL(strict.sink.url);
    const devices = [`https://127.0.0.1:${port}/x`, `https://localhost:${port}/x`].map((address) => ({
      address,
      keys: strict.receiver.keys,
    }));
    expect(await strict.provider.send({ ...inside, devices }, yes)).toMatchObject({
      kind: 'permanent',
      addressDead: false,
    });
    expect(await strict.provider.send(inside, yes)).toMatchObject({ kind: 'permanent', addressDead: true });
    expect(strict.sink.requests.all).toHaveLength(0);
    await strict.provider.close();
    await strict.sink.stop();
  });

  it('asks nobody where the subscription is none', async () => {
    const message = { ...push.toBrowsers('one'), devices: [{ address: `${push.sink.url}/x`, keys: null }] };
    expect(await push.provider.send(message, () => Promise.reject(new Error('asked')))).toMatchObject({
      kind: 'permanent',
      addressDead: true,
    });
  });
});
