import { jest } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { parseSmtpUrl, SmtpProvider, type SmtpOptions } from '#channels';
import { SmtpSink, TcpProxy, type SmtpFault } from '#testkit';
import { describeProviderContract, no, outgoing, yes } from './channels-contract.js';

const from = { name: 'Juniper & Oak', address: 'hello@shop.test' };
const clock = { now: () => Date.parse('2026-03-02T09:00:00Z') };
const providerFor = (url: string, options: Partial<SmtpOptions> = {}) =>
  new SmtpProvider({ server: parseSmtpUrl(url)!, from, clock, connections: 4, ...options });
const idsIn = (sink: SmtpSink) => sink.mails.all.map((mail) => mail.header('message-id')!.replace(/^<|@.*/g, ''));

describeProviderContract('SMTP', async () => {
  const sink = await SmtpSink.start();
  return {
    provider: providerFor(sink.url),
    accepted: () => Promise.resolve(idsIn(sink)),
    falter: () => sink.misbehave({ refuse: 'mail', code: 451, text: 'ann@example.test: try later' }),
    recover: () => sink.heal(),
    loseAnswers: () => sink.misbehave({ hangUp: 'after the dot' }),
    stop: () => sink.stop(),
  };
});

describe('a mail by SMTP', () => {
  let sink: SmtpSink;
  let provider: SmtpProvider;
  beforeEach(async () => {
    sink = await SmtpSink.start();
    provider = providerFor(sink.url);
  });
  afterEach(async () => {
    await provider.close();
    await sink.stop();
  });

  it('arrives as it was meant', async () => {
    const message = outgoing();
    await provider.send(message, yes);
    const { parsed, from: sender, to, header, raw } = await sink.mails.first();
    expect([sender, to]).toEqual(['hello@shop.test', ['ann@example.test']]);
    expect(parsed).toMatchObject({
      from: { name: 'Juniper & Oak', address: 'hello@shop.test' },
      to: [{ address: 'ann@example.test' }],
      subject: message.rendered.subject,
      messageId: `<${message.id}@shop.test>`,
      date: '2026-03-02T09:00:00.000Z',
    });
    expect([parsed.text!.trim(), parsed.html!.trim()]).toEqual([message.rendered.text, message.rendered.html]);
    expect(header('list-unsubscribe')).toBe('<https://shop.test/u/token-1>');
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(raw.toString('latin1')).toMatch(/^[\x20-\x7e\r\n]*$/);
  });

  it('has no way to unsubscribe where none is given', async () => {
    await provider.send(outgoing({ unsubscribeUrl: null }), yes);
    const { header } = await sink.mails.first();
    expect([header('list-unsubscribe'), header('list-unsubscribe-post')]).toEqual([undefined, undefined]);
  });

  it('keeps every sign of long lines, dots and odd characters, in lines that every server takes', async () => {
    const text = [
      '.',
      '..',
      'From here',
      'a=b',
      'trailing ',
      `${'ж'.repeat(3_000)} ${'x'.repeat(3_000)}`,
      '😀'.repeat(200),
      '.',
    ].join('\n');
    const subject = `Ünïcödé ${'сообщение '.repeat(30)}😀 =?x?= end`;
    await provider.send(outgoing({ rendered: { subject, html: `<p>${text}</p>`, text, locale: 'ru' } }), yes);
    const { parsed, raw } = await sink.mails.first();
    expect(parsed.text).toBe(`${text}\n`);
    expect(parsed.html).toBe(`<p>${text}</p>\n`);
    expect(parsed.subject).toBe(subject);
    expect(
      Math.max(
        ...raw
          .toString('latin1')
          .split('\r\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(78);
  });

  it.each([
    'ann@example.test\r\nBcc: bob@example.test',
    'ann@example.test, bob@example.test',
    'Ann <ann@example.test>',
    'ann@example.test>\r\nRCPT TO:<bob@example.test',
    'ann',
    '',
  ])('refuses %j as a recipient before it says a word', async (address) => {
    const permit = jest.fn(yes);
    const result = await provider.send(outgoing({ address }), permit);
    expect(result).toEqual({ kind: 'permanent', detail: 'the recipient is not a mail address', addressDead: true });
    expect(permit).not.toHaveBeenCalled();
    await provider.send(outgoing({ address: 'carol@example.test' }), yes);
    expect(sink.mails.all.map(({ to }) => to)).toEqual([['carol@example.test']]);
  });

  it('lets nothing of the message become a header', async () => {
    const subject = 'Hello\r\nBcc: bob@example.test\r\n\r\nbody';
    await provider.send(outgoing({ rendered: { subject, html: null, text: 'x', locale: 'en' } }), yes);
    const { parsed, to } = await sink.mails.first();
    expect([to, parsed.bcc, parsed.subject]).toEqual([
      ['ann@example.test'],
      undefined,
      'Hello Bcc: bob@example.test body',
    ]);
  });

  it('uses a connection again, signs in with the password of the address, and writes IDN domains as the DNS has them', async () => {
    await provider.close();
    provider = providerFor(sink.url.replace('smtp://', 'smtp://us%40er:p%2Fw@'));
    await provider.send(outgoing({ address: 'ann@bücher.test' }), yes);
    await provider.send(outgoing(), yes);
    expect(sink.mails.all.map(({ user, to }) => [user, to[0]])).toEqual([
      ['us@er', 'ann@bücher.test'],
      ['us@er', 'ann@example.test'],
    ]);
    expect(sink.mails.all[0]!.raw.toString()).toContain('\r\nTo: ann@xn--bcher-kva.test\r\n');
  });

  it.each<[SmtpFault, object]>([
    [{ refuse: 'connection', code: 421 }, { kind: 'temporary' }],
    [{ refuse: 'connection', code: 554 }, { kind: 'temporary' }],
    [{ refuse: 'sender', code: 451 }, { kind: 'temporary' }],
    [
      { refuse: 'sender', code: 550 },
      { kind: 'permanent', addressDead: false },
    ],
    [{ refuse: 'recipient', number: 1, code: 450 }, { kind: 'temporary' }],
    [
      { refuse: 'recipient', number: 1, code: 550 },
      { kind: 'permanent', addressDead: true },
    ],
    [
      { refuse: 'recipient', number: 1, code: 551 },
      { kind: 'permanent', addressDead: true },
    ],
    [
      { refuse: 'recipient', number: 1, code: 553 },
      { kind: 'permanent', addressDead: true },
    ],
    [
      { refuse: 'recipient', number: 1, code: 554, text: '5.1.1 no such user' },
      { kind: 'permanent', addressDead: true },
    ],
    [
      { refuse: 'recipient', number: 1, code: 554, text: '5.7.1 not from you' },
      { kind: 'permanent', addressDead: false },
    ],
    [{ refuse: 'mail', code: 452 }, { kind: 'temporary' }],
    [
      { refuse: 'mail', code: 550 },
      { kind: 'permanent', addressDead: false },
    ],
    [{ hangUp: 'before the dot' }, { kind: 'temporary' }],
    [{ hangUp: 'after the dot' }, { kind: 'unknown' }],
  ])('%j is %j, and the next mail arrives', async (fault, result) => {
    await provider.send(outgoing(), yes);
    sink.misbehave(fault, 1);
    if (
      ('refuse' in fault && fault.refuse === 'connection') ||
      ('hangUp' in fault && fault.hangUp === 'before the dot')
    ) {
      // Met on a connection that is new: one that lay idle would be replaced at once.
      await provider.close();
      provider = providerFor(sink.url);
    }
    expect(await provider.send(outgoing(), yes)).toMatchObject(result);
    const next = outgoing();
    expect(await provider.send(next, yes)).toMatchObject({ kind: 'accepted' });
    expect(idsIn(sink).at(-1)).toBe(next.id);
  });

  it('is temporary where nobody listens', async () => {
    const permit = jest.fn(yes);
    const deaf = providerFor('smtp://127.0.0.1:1');
    expect(await deaf.send(outgoing(), permit)).toMatchObject({ kind: 'temporary' });
    expect(permit).not.toHaveBeenCalled();
  });

  it('is unknown when the dot is not answered in time, however the server meant it', async () => {
    const impatient = providerFor(sink.url, { answerWithinMs: 200 });
    sink.misbehave({ delayMs: 2_000 }, 1);
    expect(await impatient.send(outgoing(), yes)).toMatchObject({ kind: 'unknown' });
    await impatient.close();
  });

  it('takes a fresh connection when the server ended the one that lay idle', async () => {
    const proxy = await TcpProxy.to(sink.url);
    const through = providerFor(proxy.through(sink.url));
    await through.send(outgoing(), yes);
    proxy.breakAll();
    expect(await through.send(outgoing(), yes)).toMatchObject({ kind: 'accepted' });
    expect(sink.mails.all).toHaveLength(2);
    await through.close();
    await proxy.stop();
  });

  it('never sends a password over a line that is not encrypted, except within this machine', async () => {
    const elsewhere = providerFor(sink.url.replace('smtp://127.0.0.1', 'smtp://user:password@0.0.0.0'));
    const result = await elsewhere.send(outgoing(), yes);
    expect(result).toMatchObject({ kind: 'temporary', detail: expect.stringContaining('STARTTLS') as string });
    expect(sink.mails.all).toHaveLength(0);
    await elsewhere.close();
  });
});

describe('the permit before the dot', () => {
  let server: SMTPServer;
  let text = '';
  let dots = 0;
  let hear: () => void = () => undefined;
  const servers: { stop(): Promise<void> }[] = [];

  const start = async (options: object = {}) => {
    [text, dots] = ['', 0];
    server = new SMTPServer({
      ...options,
      authOptional: true,
      onData: (stream, _session, answer) => {
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
          hear();
        });
        stream.on('error', () => undefined);
        stream.on('end', () => {
          dots++;
          answer();
        });
      },
    });
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const { port } = server.server.address() as AddressInfo;
    servers.push({ stop: () => new Promise((resolve) => server.close(resolve)) });
    return `smtp://127.0.0.1:${port}`;
  };
  const received = async (marker: string) => {
    while (!text.includes(marker)) await new Promise<void>((resolve) => (hear = resolve));
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((each) => each.stop()));
  });

  const fixture = (name: string) => readFileSync(`test/fixtures/tls/localhost.${name}.pem`, 'utf8');
  const certificate = { key: fixture('key'), cert: fixture('cert') };
  const long = { subject: 's', html: `<p>${'word '.repeat(100_000)}</p>THE-END-OF-THE-BODY`, text: 'x', locale: 'en' };

  it.each([
    ['not encrypted', 'smtp:', { hideSTARTTLS: true }],
    ['by STARTTLS', 'smtp:', certificate],
    ['by TLS', 'smtps:', { ...certificate, secure: true }],
  ])(
    'is asked when the server has all of the text and only the dot is missing (%s)',
    async (_kind, scheme, options) => {
      const url = await start(options);
      const provider = providerFor(url.replace('smtp:', scheme), { ca: certificate.cert });
      const permit = async () => {
        await received('THE-END-OF-THE-BODY');
        expect(dots).toBe(0);
        return true;
      };
      expect(await provider.send(outgoing({ rendered: long }), permit)).toMatchObject({ kind: 'accepted' });
      expect(dots).toBe(1);
      await provider.close();
    },
  );

  it('refused, the server has the text and never sees its end', async () => {
    const provider = providerFor(await start({ hideSTARTTLS: true }));
    const closed = new Promise<void>((resolve) => (server.onClose = () => resolve()));
    const permit = async () => {
      await received('THE-END-OF-THE-BODY');
      return false;
    };
    expect(await provider.send(outgoing({ rendered: long }), permit)).toEqual({ kind: 'not permitted' });
    await closed;
    expect(dots).toBe(0);
    await provider.close();
  });

  it('is not asked while text is still on its way', async () => {
    const proxy = await TcpProxy.to(await start({ hideSTARTTLS: true }));
    servers.push(proxy);
    const provider = providerFor(proxy.through('smtp://127.0.0.1:1'), { answerWithinMs: 500 });
    hear = () => proxy.pause();
    const permit = jest.fn(yes);
    const huge = { ...long, html: 'x'.repeat(20_000_000) };
    expect(await provider.send(outgoing({ rendered: huge }), permit)).toMatchObject({ kind: 'temporary' });
    expect(permit).not.toHaveBeenCalled();
    await provider.close();
  });

  it('given too late, when the connection is already gone, is followed by no dot', async () => {
    const proxy = await TcpProxy.to(await start({ hideSTARTTLS: true }));
    servers.push(proxy);
    const provider = providerFor(proxy.through('smtp://127.0.0.1:1'));
    const permit = async () => {
      const gone = new Promise<void>((resolve) => (server.onClose = () => resolve()));
      await received('THE-END-OF-THE-BODY');
      proxy.breakAll();
      await gone;
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    };
    expect(await provider.send(outgoing({ rendered: long }), permit)).toMatchObject({ kind: 'temporary' });
    expect(dots).toBe(0);
    await provider.close();
  });

  it('is not needed to refuse: no permit is used up by a mail nobody wants', async () => {
    const sink = await SmtpSink.start();
    sink.misbehave({ refuse: 'recipient', number: 1, code: 550 });
    const permit = jest.fn(no);
    const provider = providerFor(sink.url);
    expect(await provider.send(outgoing(), permit)).toMatchObject({ kind: 'permanent' });
    expect(permit).not.toHaveBeenCalled();
    await provider.close();
    await sink.stop();
  });
});
