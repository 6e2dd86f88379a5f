import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { createProviders } from '#channels';
import type { ProviderSettings } from '#core';
import { SmtpSink } from '#testkit';
import { outgoing, yes } from './channels-contract.js';

const KEYS = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  Ed25519: generateKeyPairSync('ed25519'),
};
type Kind = keyof typeof KEYS;
const pemOf = (kind: Kind) => KEYS[kind].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a mail signed with DKIM', () => {
  let sink: SmtpSink;
  let folder: string;
  beforeEach(async () => {
    sink = await SmtpSink.start();
    folder = mkdtempSync(join(tmpdir(), 'kairos-dkim-'));
  });
  afterEach(async () => {
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const send = async (secret: string, changes: Parameters<typeof outgoing>[0] = {}, domain: string | null = null) => {
    const email: ProviderSettings = {
      kind: 'smtp',
      url: 'SMTP_URL',
      from: 'The Shop <hello@shop.test>',
      ratePerSecond: null,
      concurrency: null,
      timeoutMs: null,
      dkim: { selector: 'mail', key: 'DKIM_KEY', domain },
    };
    const settings = { channels: ['email'] as const, providers: { email }, shop: {} };
    const nobody = () => Promise.reject(new Error('nothing is asked of the inbox here'));
    const use = {
      outbox: folder,
      publicUrl: 'https://shop.test',
      clock: { now: () => Date.now() },
      fallback: 'refuse' as const,
      gate: null,
      inbox: { put: nobody, page: nobody, unread: nobody, markRead: nobody },
      observer: { circuit: () => undefined, postponed: () => undefined },
    };
    const provider = createProviders(settings, { SMTP_URL: sink.url, DKIM_KEY: secret }, use).get('email')!;
    try {
      expect(await provider.send(outgoing(changes), yes)).toMatchObject({ kind: 'accepted' });
    } finally {
      await provider.close();
    }
    return (await sink.mails.first()).raw;
  };
  /** By a library that shares no code with the signer. */
  const verify = async (raw: Buffer, kind: Kind, domain = 'shop.test') => {
    const { publicKey } = KEYS[kind];
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const record =
      kind === 'RSA'
        ? `v=DKIM1; k=rsa; p=${der.toString('base64')}`
        : `v=DKIM1; k=ed25519; p=${der.subarray(-32).toString('base64')}`;
    const asked: string[] = [];
    const { results } = await dkimVerify(raw, {
      resolver: (name: string) => {
        asked.push(name);
        return Promise.resolve([[record]]);
      },
    });
    expect(asked).toContain(`mail._domainkey.${domain}`);
    // Its published types leave out what was signed.
    const found = results as readonly { status: { result: string }; signingHeaders?: { keys: string } }[];
    return found.map(({ status, signingHeaders }) => ({
      result: status.result,
      keys: signingHeaders?.keys.toLowerCase().split(/\s*:\s*/) ?? [],
    }));
  };

  it.each(['RSA', 'Ed25519'] as const)('is verified by an independent program, with %s', async (kind) => {
    const raw = await send(pemOf(kind));
    const [found] = await verify(raw, kind);
    expect(found!.result).toBe('pass');
    for (const name of ['from', 'to', 'subject', 'date', 'message-id', 'list-unsubscribe', 'list-unsubscribe-post'])
      expect(found!.keys).toContain(name);
    expect(raw.toString('latin1')).toMatch(/h=from:from:to:to:/);
  });

  it.each([
    [
      'its way out',
      /List-Unsubscribe-Post: List-Unsubscribe=One-Click/,
      'List-Unsubscribe-Post: List-Unsubscribe=Never',
    ],
    ['its subject', /^Subject: ./m, 'Subject: X'],
    ['its text', /shop/i, 'sh0p'],
    ['a second sender', /^To: /m, 'From: evil@evil.test\r\nTo: '],
  ] as const)('is not, after somebody changed %s', async (_, what, by) => {
    const raw = (await send(pemOf('RSA'))).toString('latin1');
    const start = raw.indexOf('From: ');
    const changed = raw.slice(0, start) + raw.slice(start).replace(what, by);
    expect(changed).not.toBe(raw);
    expect((await verify(Buffer.from(changed, 'latin1'), 'RSA'))[0]!.result).not.toBe('pass');
  });

  it('takes the key from a file, and another domain than the sender’s', async () => {
    const file = join(folder, 'key.pem');
    writeFileSync(file, pemOf('RSA'));
    const rendered = { subject: 'Grüße  und   mehr', html: null, text: 'a \r\n\r\n  b\t\r\n\r\n\r\n', locale: 'de' };
    const raw = await send(file, { rendered, unsubscribeUrl: null }, 'mail.shop.test');
    expect((await verify(raw, 'RSA', 'mail.shop.test'))[0]!.result).toBe('pass');
  });

  it.each(['', 'nowhere.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'])(
    'does not leave unsigned where the key is %j',
    async (secret) => {
      await expect(send(secret)).rejects.toThrow(/DKIM_KEY (?:is not set|holds no private key)|DKIM_KEY is not set/);
    },
  );
});
