import { jest } from '@jest/globals';
import {
  createProviders,
  HttpProvider,
  telegramWire,
  twilioWire,
  viberWire,
  whatsappWire,
  type HttpOptions,
} from '#channels';
import type { SendResult } from '#engine';
import { HttpSink, type SinkAnswer } from '#testkit';
import { describeProviderContract, outgoing, yes, type ProviderHarness } from './channels-contract.js';
import {
  telegramError,
  telegramServer,
  twilioError,
  twilioServer,
  viberServer,
  viberStatus,
  whatsappError,
  whatsappServer,
  type ProviderServer,
} from './provider-servers.js';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const clock = { now: () => NOW };
const options = (sink: HttpSink, changes: Partial<HttpOptions> = {}): HttpOptions => ({
  url: sink.url,
  clock,
  concurrency: 4,
  ...changes,
});
const twilio = (sink: HttpSink, from = '+4930123456', changes: Partial<HttpOptions> = {}) =>
  new HttpProvider(twilioWire({ account: 'AC1', token: 'secret', from, country: 'DE' }), options(sink, changes));
const telegram = (sink: HttpSink) =>
  new HttpProvider(telegramWire({ token: '123:abc', now: clock.now }), options(sink));
const whatsapp = (sink: HttpSink, template: string | null = null) =>
  new HttpProvider(whatsappWire({ token: 't', phone: '106', template, country: 'DE' }), {
    ...options(sink),
    url: `${sink.url}/v23.0/`,
  });
const viber = (sink: HttpSink) => new HttpProvider(viberWire({ token: 't', from: 'The Shop' }), options(sink));

/** Its text says which message it is: not every provider carries an id. */
function messageTo(channel: 'sms' | 'telegram' | 'whatsapp' | 'viber', address: string) {
  const message = outgoing({ channel, address });
  return { ...message, rendered: { subject: null, html: null, text: `Grüße! ${message.id}`, locale: 'de' } };
}
const sms = (address = '+491701234567') => messageTo('sms', address);

function harness(
  { sink, accepted }: ProviderServer,
  provider: HttpProvider,
  message: () => ReturnType<typeof messageTo>,
  falters: SinkAnswer,
): ProviderHarness {
  return {
    provider,
    outgoing: message,
    accepted: () => Promise.resolve(accepted()),
    falter: () => sink.answerWith(falters),
    recover: () => sink.heal(),
    loseAnswers: () => sink.answerWith({ hangUp: true }),
    stop: () => sink.stop(),
  };
}

describeProviderContract('Twilio', async () => {
  const server = await twilioServer('AC1', 'secret');
  return harness(server, twilio(server.sink), sms, twilioError(503, 20503, 'To +491701234567: unavailable'));
});
describeProviderContract('Telegram', async () => {
  const server = await telegramServer('123:abc');
  const message = () => messageTo('telegram', '770011223');
  return harness(server, telegram(server.sink), message, telegramError(500, 'Internal Server Error: 770011223'));
});
describeProviderContract('WhatsApp', async () => {
  const server = await whatsappServer('t', '106');
  const message = () => messageTo('whatsapp', '491701234567');
  return harness(server, whatsapp(server.sink), message, whatsappError(500, 131000, 'to 491701234567 it failed'));
});
describeProviderContract('Viber', async () => {
  const server = await viberServer('t');
  const message = () => messageTo('viber', '01234567890A=');
  return harness(server, viber(server.sink), message, viberStatus(12, 'tooManyRequests 01234567890A='));
});

type Row = readonly [what: string, answer: SinkAnswer, result: object];
const dead = { kind: 'permanent', addressDead: true };
const refused = { kind: 'permanent', addressDead: false };
const proxy: SinkAnswer = { status: 502, body: '<html>Bad Gateway</html>' };

/** Every line of an error table, by what the provider's documentation says it answers. */
function itReads(rows: readonly Row[], send: (sink: HttpSink) => Promise<SendResult>): void {
  it.each(rows)('%s', async (_what, answer, result) => {
    const sink = await HttpSink.start(() => answer);
    try {
      expect(await send(sink)).toMatchObject(result);
    } finally {
      await sink.stop();
    }
  });
}

describe('a text message over Twilio', () => {
  let server: ProviderServer;
  beforeEach(async () => {
    server = await twilioServer('AC1', 'secret');
  });
  afterEach(() => server.sink.stop());

  it('is a form with the number as E.164, and its segments are recorded', async () => {
    const provider = twilio(server.sink);
    const message = sms('0170 1234567');
    const result = await provider.send(message, yes);
    const sid = `SM${message.id.replaceAll('-', '')}`;
    expect(result).toEqual({ kind: 'accepted', providerId: sid, detail: 'HTTP 201, 1 segment of GSM-7' });
    const { body } = await server.sink.requests.first();
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      To: '+491701234567',
      From: '+4930123456',
      Body: message.rendered.text,
    });
    await provider.close();
  });

  it('says where Twilio shall tell what became of it, by an address of its own', async () => {
    const limits = { ratePerSecond: null, concurrency: null, timeoutMs: null };
    const names = { account: 'ACCOUNT', token: 'TOKEN', from: '+4930123456', country: 'DE' };
    const url = { kind: 'address' as const, value: server.sink.url };
    const settings = { kind: 'twilio' as const, ...names, url, ...limits };
    const nobody = () => Promise.reject(new Error('nothing is asked of the inbox here'));
    const use = {
      outbox: 'nowhere',
      clock,
      fallback: 'refuse' as const,
      gate: null,
      inbox: { put: nobody, page: nobody, unread: nobody, markRead: nobody },
      observer: { circuit: () => undefined, postponed: () => undefined },
    };
    const tell = async (publicUrl: string): Promise<string | null> => {
      const providers = createProviders(
        { channels: ['sms'], providers: { sms: settings }, shop: {} },
        { ACCOUNT: 'AC1', TOKEN: 'secret' },
        { ...use, publicUrl },
      );
      const provider = providers.get('sms')!;
      await provider.send({ ...sms(), feedbackToken: 'a+token' }, yes);
      await provider.close();
      const { body } = server.sink.requests.all.at(-1)!;
      return new URLSearchParams(body).get('StatusCallback');
    };
    expect(await tell('https://mail.shop.test')).toBe('https://mail.shop.test/v1/feedback/twilio?m=a%2Btoken');
    expect(await tell('https://1.1.1.1')).toContain('https://1.1.1.1/v1/feedback/twilio');
    // Twilio refuses what it cannot reach.
    const own = [
      '127.0.0.1:8080',
      '0.0.0.0:8080',
      '192.168.1.7',
      '[::1]:8080',
      'localhost',
      'kairos:8080',
      'shop_a.test',
    ];
    for (const host of own) expect([host, await tell(`http://${host}`)]).toEqual([host, null]);
  });

  it('leaves by a messaging service where one is named, whose segments are counted here', async () => {
    const provider = twilio(server.sink, `MG${'0'.repeat(32)}`);
    const message = { ...sms(), rendered: { subject: null, html: null, text: 'ж'.repeat(71), locale: 'ru' } };
    expect(await provider.send(message, yes)).toMatchObject({ detail: 'HTTP 201, 2 segments of UCS-2' });
    const { body } = await server.sink.requests.first();
    expect(body).toContain('MessagingServiceSid=MG');
    await provider.close();
  });

  it.each(['ann', '', '12', '+49 170 1234567 8901 2345'])('asks nobody about %j', async (address) => {
    const permit = jest.fn(yes);
    const provider = twilio(server.sink);
    expect(await provider.send(sms(address), permit)).toMatchObject(dead);
    expect([permit.mock.calls.length, server.sink.requests.all.length]).toEqual([0, 0]);
    await provider.close();
  });

  it('is unknown when no answer comes in time', async () => {
    server.sink.answerWith({ delayMs: 2_000 });
    const provider = twilio(server.sink, undefined, { timeoutMs: 200 });
    expect(await provider.send(sms(), yes)).toMatchObject({ kind: 'unknown' });
    await provider.close();
  });

  it('is temporary and unreachable where nobody listens', async () => {
    const provider = twilio(server.sink, undefined, { url: 'http://127.0.0.1:1' });
    expect(await provider.send(sms(), yes)).toMatchObject({ kind: 'temporary', unreachable: true });
    await provider.close();
  });

  itReads(
    [
      ['21211 is no number', twilioError(400, 21211, "Invalid 'To' Phone Number"), dead],
      ['21614 takes no texts', twilioError(400, 21614, 'not a mobile number'), dead],
      ['21610 has opted out', twilioError(400, 21610, 'Attempt to send to unsubscribed recipient'), dead],
      ['21408 is a region that is not switched on', twilioError(400, 21408, 'Permission not enabled'), refused],
      ['21617 is too long', twilioError(400, 21617, 'exceeds the 1600 character limit'), refused],
      [
        '20429 is too fast',
        twilioError(429, 20429, 'Too Many Requests', { 'retry-after': '7' }),
        { kind: 'temporary', retryAfterMs: 7_000 },
      ],
      ['20003 is about us', twilioError(401, 20003, 'Authenticate'), { kind: 'temporary' }],
      ['21606 is about our sender', twilioError(400, 21606, "The 'From' is not valid"), { kind: 'temporary' }],
      ['a 500 in their words has failed', twilioError(500, 20500, 'Internal Server Error'), { kind: 'temporary' }],
      ['a 502 of a proxy says nothing', proxy, { kind: 'unknown' }],
      ['a 503 without a body was not taken', { status: 503 }, { kind: 'temporary' }],
      ['a redirect is not followed', { status: 307, headers: { location: 'http://127.0.0.1:1' } }, refused],
      ['hanging up says nothing', { hangUp: true }, { kind: 'unknown' }],
    ],
    async (sink) => {
      const provider = twilio(sink);
      const result = await provider.send(sms(), yes);
      await provider.close();
      return result;
    },
  );
});

describe('a message over Telegram', () => {
  it('goes to the chat, and never shows the token', async () => {
    const { sink } = await telegramServer('123:abc');
    const provider = telegram(sink);
    const message = messageTo('telegram', '770011223');
    expect(await provider.send(message, yes)).toEqual({ kind: 'accepted', providerId: '1', detail: 'HTTP 200' });
    const { json } = await sink.requests.first();
    expect(json()).toEqual({ chat_id: 770011223, text: message.rendered.text });
    await sink.stop();
    expect(JSON.stringify(await provider.send(message, yes))).not.toContain('abc');
    await provider.close();
  });

  itReads(
    [
      [
        '429 says how long',
        telegramError(429, 'Too Many Requests: retry after 34', { retry_after: 34 }),
        { kind: 'temporary', retryAfterMs: 34_000 },
      ],
      ['blocked by the user', telegramError(403, 'Forbidden: bot was blocked by the user'), dead],
      ['never began the chat', telegramError(403, "Forbidden: bot can't initiate conversation with a user"), dead],
      ['chat not found', telegramError(400, 'Bad Request: chat not found'), dead],
      ['too long', telegramError(400, 'Bad Request: message is too long'), refused],
      ['a wrong token is about us', telegramError(401, 'Unauthorized'), { kind: 'temporary' }],
      ['a token of nobody is about us', telegramError(404, 'Not Found'), { kind: 'temporary' }],
      ['a 502 of a proxy says nothing', proxy, { kind: 'unknown' }],
    ],
    async (sink) => {
      const provider = telegram(sink);
      const result = await provider.send(messageTo('telegram', '770011223'), yes);
      await provider.close();
      return result;
    },
  );
});

describe('a message over WhatsApp', () => {
  it('is a text, or an approved template whose variable is the text', async () => {
    const { sink } = await whatsappServer('t', '106');
    for (const template of [null, 'cart']) {
      const provider = whatsapp(sink, template);
      const message = messageTo('whatsapp', '+49 170 1234567');
      expect(await provider.send(message, yes)).toMatchObject({ providerId: `wamid.${message.id}` });
      await provider.close();
    }
    const [text, template] = sink.requests.all.map((request) => request.json());
    expect(text).toMatchObject({ to: '491701234567', type: 'text', text: { body: expect.stringContaining('Grüße') } });
    expect(template).toMatchObject({
      type: 'template',
      template: { name: 'cart', language: { code: 'de' }, components: [{ type: 'body' }] },
    });
    await sink.stop();
  });

  itReads(
    [
      ['131026 cannot be delivered', whatsappError(400, 131026, 'Message undeliverable'), dead],
      ['131047 needs a template', whatsappError(400, 131047, 'Re-engagement message'), refused],
      ['132001 has no such template', whatsappError(404, 132001, 'Template does not exist'), refused],
      [
        '130429 is too fast',
        whatsappError(429, 130429, 'Rate limit hit', { 'retry-after': '3' }),
        { kind: 'temporary', retryAfterMs: 3_000 },
      ],
      ['131056 is too fast for this one', whatsappError(400, 131056, 'Pair rate limit hit'), { kind: 'temporary' }],
      ['190 is about us', whatsappError(401, 190, 'Access token has expired'), { kind: 'temporary' }],
      ['131042 is about paying', whatsappError(400, 131042, 'Payment issue'), { kind: 'temporary' }],
      ['a 502 of a proxy says nothing', proxy, { kind: 'unknown' }],
    ],
    async (sink) => {
      const provider = whatsapp(sink);
      const result = await provider.send(messageTo('whatsapp', '491701234567'), yes);
      await provider.close();
      return result;
    },
  );
});

describe('a message over Viber', () => {
  it('has the message token that Viber gave it, every digit of it', async () => {
    const { sink } = await viberServer('t');
    const provider = viber(sink);
    const result = await provider.send(messageTo('viber', '01234567890A='), yes);
    expect(result).toMatchObject({ kind: 'accepted', providerId: '5741311803571721087' });
    await provider.close();
    await sink.stop();
  });

  itReads(
    [
      ['5 is not on Viber', viberStatus(5, 'receiverNotRegistered'), dead],
      ['6 has left the bot', viberStatus(6, 'receiverNotSubscribed'), dead],
      ['12 is too fast', viberStatus(12, 'tooManyRequests'), { kind: 'temporary' }],
      ['2 is about us', viberStatus(2, 'invalidAuthToken'), { kind: 'temporary' }],
      ['3 is this message', viberStatus(3, 'badData'), refused],
      ['a 200 that says nothing is no yes', { status: 200, body: '' }, { kind: 'unknown' }],
      ['a 502 of a proxy says nothing', proxy, { kind: 'unknown' }],
    ],
    async (sink) => {
      const provider = viber(sink);
      const result = await provider.send(messageTo('viber', '01234567890A='), yes);
      await provider.close();
      return result;
    },
  );
});
