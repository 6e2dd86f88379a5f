import { createTransport, type SendMailOptions } from 'nodemailer';
import { SmtpSink } from './smtp-sink.js';

const mail: SendMailOptions = {
  from: 'Shop <shop@shop.test>',
  to: ['ann@example.test', 'bob@example.test'],
  subject: 'Dein Warenkorb wartet – 5 €',
  text: 'Grüße',
  html: '<p>Grüße</p>',
  headers: { 'List-Unsubscribe': '<https://shop.test/u/1>' },
};

describe('SmtpSink', () => {
  let sink: SmtpSink;
  const send = async (
    options: SendMailOptions = mail,
    auth?: { user: string; pass: string },
  ): Promise<{ accepted: unknown; rejected: unknown }> => {
    const transport = createTransport({
      ...(auth && { auth }),
      host: '127.0.0.1',
      port: Number(new URL(sink.url).port),
    });
    try {
      return await transport.sendMail(options);
    } finally {
      transport.close();
    }
  };

  beforeEach(async () => {
    sink = await SmtpSink.start();
  });
  afterEach(() => sink.stop());

  it('keeps envelope, headers and the decoded parts of a mail', async () => {
    await send(mail, { user: 'kairos', pass: 'secret' });
    const received = await sink.mails.first();
    expect(received).toMatchObject({
      from: 'shop@shop.test',
      to: ['ann@example.test', 'bob@example.test'],
      user: 'kairos',
      acknowledged: true,
    });
    expect(received.parsed).toMatchObject({ subject: mail.subject, html: '<p>Grüße</p>\n' });
    expect(received.parsed.text?.trim()).toBe('Grüße');
    expect(received.header('List-Unsubscribe')).toBe('<https://shop.test/u/1>');
    expect(received.raw.toString()).toContain('multipart/alternative');
  });

  it.each([
    [{ refuse: 'connection', code: 421 } as const, 421],
    [{ refuse: 'sender', code: 550 } as const, 550],
    [{ refuse: 'mail', code: 451, text: 'greylisted' } as const, 451],
  ])('refuses as told by %j, once', async (fault, responseCode) => {
    sink.misbehave(fault, 1);
    await expect(send()).rejects.toMatchObject({ responseCode });
    expect(sink.mails.all).toHaveLength(0);
    await send();
    expect(sink.mails.all).toHaveLength(1);
  });

  it('refuses the second recipient only', async () => {
    sink.misbehave({ refuse: 'recipient', number: 2, code: 550 });
    expect(await send()).toMatchObject({ accepted: ['ann@example.test'], rejected: ['bob@example.test'] });
    expect((await sink.mails.first()).to).toEqual(['ann@example.test']);
  });

  it('breaks the connection before the dot and has no mail', async () => {
    sink.misbehave({ hangUp: 'before the dot' }, 1);
    await expect(send()).rejects.toMatchObject({ command: 'CONN' });
    expect(sink.mails.all).toHaveLength(0);
  });

  it('breaks the connection after the dot and has the mail', async () => {
    sink.misbehave({ hangUp: 'after the dot' });
    await expect(send()).rejects.toThrow();
    expect(await sink.mails.first()).toMatchObject({ acknowledged: false });
    sink.heal();
    await send();
    expect(sink.mails.all.map(({ acknowledged }) => acknowledged)).toEqual([false, true]);
  });

  it('answers the dot late when told to', async () => {
    sink.misbehave({ delayMs: 60 });
    const began = performance.now();
    await send();
    expect(performance.now() - began).toBeGreaterThanOrEqual(55);
  });
});
