import type { WebhookTarget } from '../model.js';
import { mapOf, readMap } from '../reading/collections.js';
import { type FieldTable, optional, type Reader, readFields, required, withDefault } from '../reading/fields.js';
import { checkName, truth } from '../reading/scalars.js';
import { checkHttps, environmentVariable, webAddress } from './addresses.js';

export const WEBHOOK = {
  url: required(webAddress, 'Where to, an https address.'),
  secret: optional(
    environmentVariable,
    'The environment variable that holds the secret that signs; without it unsigned.',
  ),
  'allow private': withDefault(truth, false, 'false', "Whether the address may lie inside the shop's network."),
} satisfies FieldTable;

const webhook: Reader<WebhookTarget> = {
  type: 'webhook',
  read(node, reading) {
    const map = readMap(
      node,
      reading,
      'a webhook, such as { url: "https://help.shop.test/hook", secret: HELPDESK_SECRET }',
    );
    if (map === undefined) return undefined;
    const { complete: fields, entry } = readFields(map, reading, WEBHOOK, 'a webhook');
    if (fields === undefined) return undefined;
    const { url, secret, 'allow private': allowPrivate } = fields;
    return checkHttps(url, allowPrivate, entry('url')?.value.span ?? map.span, reading)
      ? { url, secret, allowPrivate }
      : undefined;
  },
};

export const webhooks = mapOf(
  webhook,
  (key, span, reading) => checkName(key, span, reading, 'a webhook'),
  'map of names to webhooks',
);
