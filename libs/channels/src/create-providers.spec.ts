import { generateKeyPairSync } from 'node:crypto';
import webPush from 'web-push';
import type { Settings } from '#core';
import { inMemoryGate } from '#testkit';
import { createCallers, createProviders } from './create-providers.js';
import type { ProviderOptions, Secrets } from './provider-options.js';
import { ProviderSettingsError } from './provider-settings-error.js';

type Providers = Settings['providers'];
const shop = { name: 'Shop', support: 'hello@shop.test' };
const limits = { ratePerSecond: null, concurrency: null, timeoutMs: null };
const nobody = () => Promise.reject(new Error('nothing is asked of the inbox here'));
const options: ProviderOptions = {
  outbox: 'nowhere',
  publicUrl: 'https://shop.test',
  clock: { now: () => 0 },
  fallback: 'outbox',
  gate: inMemoryGate(),
  inbox: { put: nobody, page: nobody, unread: nobody, markRead: nobody },
  observer: { circuit: () => undefined, postponed: () => undefined },
};
const smtp = { kind: 'smtp', url: 'MAIL', from: 'The Shop <hello@shop.test>', dkim: null, ...limits } as const;
const hook = (value: string, allowPrivate = false) =>
  ({ kind: 'webhook', url: { kind: 'address', value }, secret: 'KEY', allowPrivate, ...limits }) as const;

async function kinds(
  providers: Providers,
  secrets: Secrets = {},
  changes: Partial<ProviderOptions> = {},
  channels: Settings['channels'] = ['email', 'sms'],
) {
  const made = createProviders({ channels, providers, shop }, secrets, { ...options, ...changes });
  await Promise.all([...made.values()].map((provider) => provider.close()));
  return Object.fromEntries([...made].map(([channel, { kind }]) => [channel, kind]));
}

function problems(
  providers: Providers,
  secrets: Secrets = {},
  changes: object = {},
  settings: object = {},
): readonly string[] {
  try {
    createProviders({ channels: ['email', 'sms'], providers, shop, ...settings }, secrets, { ...options, ...changes });
  } catch (error) {
    expect(error).toBeInstanceOf(ProviderSettingsError);
    return (error as ProviderSettingsError).problems;
  }
  throw new Error('nothing was refused');
}

describe('createProviders', () => {
  it('makes what kairos.yaml names', async () => {
    const providers = { email: smtp, sms: hook('https://sms.test') };
    expect(await kinds(providers, { MAIL: 'smtp://mail.test', KEY: 'k' })).toEqual({ email: 'smtp', sms: 'webhook' });
    expect(await kinds({ email: { kind: 'file', from: null } }, { SMTP_URL: 'smtp://mail.test' })).toEqual({
      email: 'file',
      sms: 'file',
    });
  });

  it('sends mails through SMTP_URL where kairos.yaml names nothing, and the rest into the outbox', async () => {
    expect(await kinds({}, { SMTP_URL: 'smtps://u:p@mail.test' })).toEqual({ email: 'smtp', sms: 'file' });
    expect(await kinds({}, { SMTP_URL: ' ' })).toEqual({ email: 'file', sms: 'file' });
  });

  it('makes nothing for channels the workspace does not use', async () => {
    expect(await kinds({ sms: hook('https://sms.test') }, { KEY: 'k' }, {}, ['email'])).toEqual({ email: 'file' });
  });

  it('refuses channels without a provider where the outbox is no place', () => {
    expect(problems({}, {}, { fallback: 'refuse' })).toEqual([
      'channel email: has no provider: name one under `providers` in kairos.yaml, or set SMTP_URL',
      'channel sms: has no provider: name one under `providers` in kairos.yaml',
    ]);
  });

  it('names everything that is missing or wrong at once, and no secret', () => {
    const wrong = {
      email: { ...smtp, from: 'nobody' },
      sms: {
        kind: 'webhook',
        url: { kind: 'environment', value: 'HOOK' },
        secret: 'KEY',
        allowPrivate: false,
        ...limits,
      },
    } as const;
    expect(problems(wrong)).toEqual([
      'channel email: the environment variable MAIL is not set',
      'channel email: the sender "nobody" is not like "The Shop <hello@shop.test>"',
      'channel sms: the environment variable HOOK is not set',
      'channel sms: the environment variable KEY is not set',
    ]);
    const secrets = { MAIL: 'mail.test:587 hunter2', KEY: 'hunter2', HOOK: 'ftp://hunter2' };
    const found = problems(wrong, secrets);
    expect(found).toHaveLength(3);
    expect(found.join()).not.toContain('hunter2');
  });

  it('refuses http:// where it would leave the own network', () => {
    expect(problems({ sms: hook('http://sms.test') }, { KEY: 'k' })[0]).toContain('https://');
  });

  it('asks for a sender where nobody is named', () => {
    expect(problems({}, { SMTP_URL: 'smtp://mail.test' }, {}, { shop: {} })[0]).toContain(
      'nobody is named as the sender',
    );
  });
});

describe('providers of the other channels', () => {
  const url = null;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const vapid = webPush.generateVAPIDKeys();
  const service = {
    project_id: 'shop',
    client_email: 'push@shop.test',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
  const providers: Providers = {
    sms: { kind: 'twilio', account: 'SID', token: 'KEY', from: '+4930123456', country: null, url, ...limits },
    push: { kind: 'fcm', account: 'FCM', url, ...limits },
    'web push': {
      kind: 'web-push',
      publicKey: 'VAPID',
      privateKey: 'VAPID_KEY',
      contact: 'mailto:it@shop.test',
      allowPrivate: false,
      ...limits,
    },
    telegram: { kind: 'telegram', token: 'KEY', url, ...limits },
    whatsapp: {
      kind: 'whatsapp',
      token: 'KEY',
      phone: 'SID',
      appSecret: null,
      verifyToken: null,
      template: null,
      country: null,
      url,
      ...limits,
    },
    viber: { kind: 'viber', token: 'KEY', from: 'Shop', url, ...limits },
  };
  const all: Settings['channels'] = ['sms', 'push', 'web push', 'telegram', 'whatsapp', 'viber', 'inbox'];
  const secrets = {
    SID: 'AC1',
    KEY: 'hunter2',
    FCM: JSON.stringify(service),
    VAPID: vapid.publicKey,
    VAPID_KEY: vapid.privateKey,
  };

  it('are made of what kairos.yaml names; the inbox needs nothing', async () => {
    expect(await kinds(providers, secrets, { fallback: 'refuse' }, all)).toEqual({
      sms: 'twilio',
      push: 'fcm',
      'web push': 'web-push',
      telegram: 'telegram',
      whatsapp: 'whatsapp',
      viber: 'viber',
      inbox: 'inbox',
    });
  });

  it('say all at once what is missing or wrong, and no secret', () => {
    expect(problems(providers, {}, {}, { channels: all })).toHaveLength(9);
    const wrong = { ...secrets, FCM: '{"hunter2"', VAPID_KEY: 'hunter2' };
    const found = problems(providers, wrong, {}, { channels: all });
    expect(found).toEqual([
      expect.stringMatching(/^channel push: FCM does not hold the JSON of a service account/),
      expect.stringMatching(/^channel web push: VAPID, VAPID_KEY and the contact .* are no VAPID keys/),
    ]);
    expect(found.join()).not.toContain('hunter2');
  });
});

describe('createCallers', () => {
  const webhooks = {
    helpdesk: { url: 'https://help.shop.test/hook', secret: 'HELPDESK_SECRET', allowPrivate: false },
    crm: { url: 'https://crm.shop.test', secret: null, allowPrivate: false },
  };
  const callerKinds = async (secrets: Secrets, changes: Partial<ProviderOptions> = {}) => {
    const made = createCallers({ webhooks }, secrets, { ...options, ...changes });
    await Promise.all([...made.values()].map((caller) => caller.close()));
    return Object.fromEntries([...made].map(([name, { kind }]) => [name, kind]));
  };

  it('makes one for each address', async () => {
    expect(await callerKinds({ HELPDESK_SECRET: 'secret' })).toEqual({ helpdesk: 'webhook', crm: 'webhook' });
  });

  it('turns calls whose secret is not set into files in development, and refuses to start elsewhere', async () => {
    expect(await callerKinds({})).toEqual({ helpdesk: 'file', crm: 'webhook' });
    await expect(callerKinds({}, { fallback: 'refuse' })).rejects.toMatchObject({
      problems: ['webhook helpdesk: the environment variable HELPDESK_SECRET is not set'],
    });
  });
});
