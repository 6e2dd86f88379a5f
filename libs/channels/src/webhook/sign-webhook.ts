import { createHmac } from 'node:crypto';

/** The key of a secret as Standard Webhooks writes it: `whsec_` and base64, or any other text as it is. */
export function webhookKey(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
}

/** Headers of https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`; `at` in ms. No signature without a key. */
export function signWebhook(
  key: Buffer | null,
  id: string,
  at: number,
  body: string,
): { readonly [header: string]: string } {
  const timestamp = Math.floor(at / 1000);
  const identity = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) };
  if (key === null) return identity;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...identity, 'webhook-signature': `v1,${signature}` };
}
