import { type Channel, CHANNELS, type DkimSettings, type ProviderSettings } from '../model.js';
import { readMap } from '../reading/collections.js';
import {
  type FieldTable,
  findEntry,
  mapStart,
  notYet,
  optional,
  type Reader,
  readFields,
  refuseNotYet,
  required,
  unknownField,
  withDefault,
} from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { notAllowed, oneOf, readScalar, short, text, truth } from '../reading/scalars.js';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { checkHttps, environmentVariable, isEnvironmentVariable, readAddress } from './addresses.js';

const KINDS = ['smtp', 'webhook', 'file'] as const;
const NOT_YET_KINDS = ['twilio', 'fcm', 'web-push', 'telegram', 'whatsapp', 'viber'];

const address: Reader<Extract<ProviderSettings, { kind: 'webhook' }>['url']> = {
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

const kind = required(oneOf(KINDS), 'How it leaves.');

export const PROVIDERS = {
  smtp: {
    kind,
    url: required(environmentVariable, 'The environment variable that holds smtp://user:password@host:587.'),
    from: required(
      text({ type: 'sender, such as "The Shop <hello@shop.test>"', max: 320 }),
      'The sender that the recipient sees.',
    ),
    rate: optional(rate, 'How many messages at most, `50 per second`.'),
    dkim: optional(dkim, 'Signs mails (DKIM); without, the mail server does.'),
  },
  webhook: {
    kind,
    url: required(address, 'Where to, an https address or the environment variable that holds it.'),
    secret: required(environmentVariable, 'The environment variable that holds the secret that signs.'),
    'allow private': withDefault(truth, false, 'false', "Whether the address may lie inside the shop's network."),
    rate: notYet,
  },
  file: { kind, from: optional(text({ type: 'sender', max: 320 }), 'The sender that the recipient sees.') },
} satisfies { readonly [kind: string]: FieldTable };

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
  if (chosen === 'smtp' && channel !== 'email') {
    return reading.error(entry.keySpan, 'settings/provider-channel', `smtp sends mails; it cannot serve "${channel}"`);
  }
  return readOptions(chosen, map, reading);
}

function readKind(map: YamlMap, reading: Reading): (typeof KINDS)[number] | undefined {
  const entry = findEntry(map, 'kind');
  if (entry === undefined)
    return reading.shape(mapStart(map), 'missing-field', `a provider needs "kind" (${KINDS.join(', ')})`);
  const scalar = readScalar(entry.value, reading, `one of ${KINDS.join(', ')}`);
  if (scalar === undefined) return undefined;
  if (NOT_YET_KINDS.includes(String(scalar.value)))
    return refuseNotYet(scalar.span, `kind: ${String(scalar.value)}`, reading);
  return KINDS.find((known) => known === scalar.value) ?? notAllowed(scalar, reading, KINDS);
}

function readOptions(chosen: (typeof KINDS)[number], map: YamlMap, reading: Reading): ProviderSettings | undefined {
  switch (chosen) {
    case 'smtp': {
      const fields = readFields(map, reading, PROVIDERS.smtp, 'an smtp provider').complete;
      return (
        fields && {
          kind: 'smtp',
          url: fields.url,
          from: fields.from,
          ratePerSecond: fields.rate,
          dkim: fields.dkim,
        }
      );
    }
    case 'webhook': {
      const { complete: fields, entry } = readFields(map, reading, PROVIDERS.webhook, 'a webhook provider');
      if (fields === undefined) return undefined;
      if (!checkHttps(fields.url.value, fields['allow private'], entry('url')?.value.span ?? map.span, reading))
        return undefined;
      return { kind: 'webhook', url: fields.url, secret: fields.secret, allowPrivate: fields['allow private'] };
    }
    case 'file': {
      const fields = readFields(map, reading, PROVIDERS.file, 'a file provider').complete;
      return fields && { kind: 'file', from: fields.from };
    }
  }
}
