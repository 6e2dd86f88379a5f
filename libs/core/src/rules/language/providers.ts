import {
  type Channel,
  CHANNELS,
  type DkimSettings,
  type ProviderLimits,
  type ProviderSettings,
  type ProviderUrl,
} from '../model.js';
import { readMap } from '../reading/collections.js';
import {
  type FieldTable,
  findEntry,
  mapStart,
  optional,
  type Reader,
  readFields,
  required,
  unknownField,
  withDefault,
} from '../reading/fields.js';
import { durationWithin } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { notAllowed, oneOf, readScalar, short, text, truth, wholeNumber } from '../reading/scalars.js';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { checkHttps, environmentVariable, isEnvironmentVariable, readAddress } from './addresses.js';

const KINDS = [
  'smtp',
  'webhook',
  'twilio',
  'telegram',
  'whatsapp',
  'viber',
  'fcm',
  'web-push',
  'inbox',
  'file',
] as const;
type Kind = (typeof KINDS)[number];

/** Kinds that serve one channel only, and what they do there. The others take what any channel says. */
const SERVES: { readonly [kind in Kind]?: readonly [channel: Channel, sentence: string] } = {
  smtp: ['email', 'smtp sends mails'],
  twilio: ['sms', 'twilio sends text messages'],
  telegram: ['telegram', 'telegram is its own channel'],
  whatsapp: ['whatsapp', 'whatsapp is its own channel'],
  viber: ['viber', 'viber is its own channel'],
  fcm: ['push', 'fcm reaches mobile apps'],
  'web-push': ['web push', 'web-push reaches browsers'],
  inbox: ['inbox', 'inbox keeps messages for the storefront'],
};

const address: Reader<ProviderUrl> = {
  type: 'https address, or name of an environment variable',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'an https address, or the name of an environment variable');
    if (scalar === undefined) return undefined;
    const value = String(scalar.value);
    if (isEnvironmentVariable(value)) return { kind: 'environment', value };
    const found = readAddress(
      scalar,
      reading,
      'is not an address that begins with https://, nor the name of an environment variable',
    );
    return found === undefined ? undefined : { kind: 'address', value: found };
  },
};

const country: Reader<string> = {
  type: 'country, two capitals',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a country of two capitals, such as DE');
    if (scalar === undefined) return undefined;
    const value = String(scalar.value);
    if (/^[A-Z]{2}$/.test(value)) return value;
    return reading.error(
      scalar.span,
      'value/not-allowed',
      `"${short(scalar)}" is not a country of two capitals, such as DE`,
    );
  },
};

const rate: Reader<number> = {
  type: 'rate',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a rate such as `50 per second`');
    if (scalar === undefined) return undefined;
    const match = /^(\d{1,6}) per (second|minute|hour)$/.exec(String(scalar.value));
    const count = Number(match?.[1]);
    if (match === null || count === 0)
      return reading.error(scalar.span, 'value/rate', `"${short(scalar)}" is not a rate such as \`50 per second\``);
    return count / (match[2] === 'second' ? 1 : match[2] === 'minute' ? 60 : 3_600);
  },
};

const DNS_NAME = { type: 'DNS name', max: 200 };

export const DKIM = {
  selector: required(text(DNS_NAME), 'Where the public key is: SELECTOR._domainkey.DOMAIN.'),
  key: required(
    environmentVariable,
    'The environment variable that holds the private key (PEM), or the path of a file with it.',
  ),
  domain: optional(text(DNS_NAME), "Instead of the sender's."),
} satisfies FieldTable;

const dkim: Reader<DkimSettings> = {
  type: '{ selector, key, domain }',
  read(node, reading) {
    const map = readMap(node, reading, 'a map, such as { selector: mail, key: DKIM_KEY }');
    return map && readFields(map, reading, DKIM, '`dkim`').complete;
  },
};
/** A lease lasts 60 s: what is left of it when a message is begun must hold its whole attempt. */
const LONGEST_TIMEOUT_MS = 45_000;

const kind = required(oneOf(KINDS), 'How it leaves.');

const limits = {
  rate: optional(rate, 'How many attempts at most, `50 per second`, over all processes together.'),
  concurrency: optional(wholeNumber(1, 200), 'How many attempts of one process at the same time.'),
  timeout: optional(
    durationWithin({ maxMs: LONGEST_TIMEOUT_MS, maxText: '45 seconds' }),
    'How long an answer is waited for; after it the outcome is unknown.',
  ),
};
const base = optional(
  address,
  'Base address of the API where it is not the provider’s own, or its environment variable.',
);

export const PROVIDERS = {
  smtp: {
    kind,
    url: required(environmentVariable, 'The environment variable that holds smtp://user:password@host:587.'),
    from: required(
      text({ type: 'sender, such as "The Shop <hello@shop.test>"', max: 320 }),
      'The sender that the recipient sees.',
    ),
    dkim: optional(dkim, 'Signs mails (DKIM); without, the mail server does.'),
    ...limits,
  },
  webhook: {
    kind,
    url: required(address, 'Where to, an https address or the environment variable that holds it.'),
    secret: required(environmentVariable, 'The environment variable that holds the secret that signs.'),
    'allow private': withDefault(truth, false, 'false', "Whether the address may lie inside the shop's network."),
    ...limits,
  },
  twilio: {
    kind,
    account: required(environmentVariable, 'The environment variable that holds the account SID.'),
    token: required(environmentVariable, 'The environment variable that holds the auth token.'),
    from: required(
      text({ type: 'sender of text messages', max: 64 }),
      'The number, the name or the messaging service (MG…) that sends.',
    ),
    country: optional(country, 'The country of numbers that name none.'),
    url: base,
    ...limits,
  },
  telegram: {
    kind,
    token: required(environmentVariable, "The environment variable that holds the bot's token."),
    url: base,
    ...limits,
  },
  whatsapp: {
    kind,
    token: required(environmentVariable, 'The environment variable that holds the access token.'),
    phone: required(environmentVariable, 'The environment variable that holds the id of the sending number.'),
    'app secret': optional(
      environmentVariable,
      'The environment variable that holds the app secret, with which WhatsApp signs what it tells of messages; without it nothing is believed.',
    ),
    'verify token': optional(
      environmentVariable,
      'The environment variable that holds the word by which WhatsApp makes sure that the callback address is yours.',
    ),
    template: optional(
      text({ type: 'name of a message template', max: 512 }),
      'An approved message template with one variable, which gets the text; without it a text, which only reaches those who wrote within 24 hours.',
    ),
    country: optional(country, 'The country of numbers that name none.'),
    url: base,
    ...limits,
  },
  viber: {
    kind,
    token: required(environmentVariable, 'The environment variable that holds the auth token.'),
    from: required(text({ type: 'sender, at most 28 characters', max: 28 }), 'The sender that the recipient sees.'),
    url: base,
    ...limits,
  },
  fcm: {
    kind,
    account: required(environmentVariable, 'The environment variable that holds the JSON of the service account.'),
    url: base,
    ...limits,
  },
  'web-push': {
    kind,
    'public key': required(environmentVariable, 'The environment variable that holds the public VAPID key.'),
    'private key': required(environmentVariable, 'The environment variable that holds the private VAPID key.'),
    contact: required(
      text({ type: 'mailto: or https address', max: 320 }),
      'Whom push services may ask about these messages.',
    ),
    'allow private': withDefault(truth, false, 'false', "Whether push services may lie inside the shop's network."),
    ...limits,
  },
  inbox: { kind },
  file: { kind, from: optional(text({ type: 'sender', max: 320 }), 'The sender that the recipient sees.') },
} satisfies { readonly [kind in Kind]: FieldTable };

export const providers: Reader<{ readonly [channel in Channel]?: ProviderSettings }> = {
  type: 'map of channels to providers',
  read(node: YamlNode, reading: Reading) {
    const map = readMap(node, reading, 'a map of channels to providers');
    if (map === undefined) return undefined;
    const found: { [channel in Channel]?: ProviderSettings } = {};
    let complete = true;
    for (const entry of map.entries) {
      const channel = CHANNELS.find((known) => known === entry.key);
      const provider = channel ? readProvider(channel, entry, reading) : unknownField(entry, reading, CHANNELS);
      if (channel === undefined || !provider) complete = false;
      else found[channel] = provider;
    }
    return complete ? found : undefined;
  },
};

function readProvider(channel: Channel, entry: YamlEntry, reading: Reading): ProviderSettings | undefined {
  const map = readMap(entry.value, reading, 'a provider, such as { kind: smtp, … }');
  const chosen = map && readKind(map, reading);
  if (map === undefined || chosen === undefined) return undefined;
  const { names } = reading;
  if (names.channels !== null && !names.channels.includes(channel)) {
    reading.warning(
      entry.keySpan,
      'settings/provider-channel',
      `the channel "${channel}" is not listed under \`channels\`, so this provider is never used`,
    );
  }
  const serves = SERVES[chosen];
  if (serves !== undefined && serves[0] !== channel) {
    return reading.error(entry.keySpan, 'settings/provider-channel', `${serves[1]}; it cannot serve "${channel}"`);
  }
  return readOptions(chosen, map, reading);
}

function readKind(map: YamlMap, reading: Reading): Kind | undefined {
  const entry = findEntry(map, 'kind');
  if (entry === undefined)
    return reading.shape(mapStart(map), 'missing-field', `a provider needs "kind" (${KINDS.join(', ')})`);
  const scalar = readScalar(entry.value, reading, `one of ${KINDS.join(', ')}`);
  if (scalar === undefined) return undefined;
  return KINDS.find((known) => known === scalar.value) ?? notAllowed(scalar, reading, KINDS);
}

function readOptions(chosen: Kind, map: YamlMap, reading: Reading): ProviderSettings | undefined {
  switch (chosen) {
    case 'smtp': {
      const fields = readFields(map, reading, PROVIDERS.smtp, 'an smtp provider').complete;
      return fields && { kind: 'smtp', url: fields.url, from: fields.from, dkim: fields.dkim, ...limitsOf(fields) };
    }
    case 'webhook': {
      const { complete: fields, entry } = readFields(map, reading, PROVIDERS.webhook, 'a webhook provider');
      if (fields === undefined) return undefined;
      const { url, secret, 'allow private': allowPrivate } = fields;
      if (!checkHttps(url.value, allowPrivate, entry('url')?.value.span ?? map.span, reading)) return undefined;
      return { kind: 'webhook', url, secret, allowPrivate, ...limitsOf(fields) };
    }
    case 'twilio': {
      const fields = readFields(map, reading, PROVIDERS.twilio, 'a twilio provider').complete;
      if (fields === undefined) return undefined;
      const { account, token, from, country: home, url } = fields;
      return { kind: 'twilio', account, token, from, country: home, url, ...limitsOf(fields) };
    }
    case 'web-push': {
      const fields = readFields(map, reading, PROVIDERS['web-push'], 'a web-push provider').complete;
      if (fields === undefined) return undefined;
      const { 'public key': publicKey, 'private key': privateKey, contact, 'allow private': allowPrivate } = fields;
      return { kind: 'web-push', publicKey, privateKey, contact, allowPrivate, ...limitsOf(fields) };
    }
    case 'inbox':
      return readFields(map, reading, PROVIDERS.inbox, 'an inbox').complete && { kind: 'inbox' };
    case 'file': {
      const fields = readFields(map, reading, PROVIDERS.file, 'a file provider').complete;
      return fields && { kind: 'file', from: fields.from };
    }
    default:
      return readMessenger(chosen, map, reading);
  }
}

function readMessenger(
  chosen: 'telegram' | 'whatsapp' | 'viber' | 'fcm',
  map: YamlMap,
  reading: Reading,
): ProviderSettings | undefined {
  switch (chosen) {
    case 'telegram': {
      const fields = readFields(map, reading, PROVIDERS.telegram, 'a telegram provider').complete;
      return fields && { kind: 'telegram', token: fields.token, url: fields.url, ...limitsOf(fields) };
    }
    case 'whatsapp': {
      const fields = readFields(map, reading, PROVIDERS.whatsapp, 'a whatsapp provider').complete;
      if (fields === undefined) return undefined;
      const { token, phone, template, country: home, url } = fields;
      const { 'app secret': appSecret, 'verify token': verifyToken } = fields;
      const callbacks = { appSecret, verifyToken };
      return { kind: 'whatsapp', token, phone, ...callbacks, template, country: home, url, ...limitsOf(fields) };
    }
    case 'viber': {
      const fields = readFields(map, reading, PROVIDERS.viber, 'a viber provider').complete;
      return fields && { kind: 'viber', token: fields.token, from: fields.from, url: fields.url, ...limitsOf(fields) };
    }
    case 'fcm': {
      const fields = readFields(map, reading, PROVIDERS.fcm, 'an fcm provider').complete;
      return fields && { kind: 'fcm', account: fields.account, url: fields.url, ...limitsOf(fields) };
    }
  }
}

function limitsOf(fields: {
  readonly rate: number | null;
  readonly concurrency: number | null;
  readonly timeout: number | null;
}): ProviderLimits {
  return { ratePerSecond: fields.rate, concurrency: fields.concurrency, timeoutMs: fields.timeout };
}
