import { createHmac } from 'node:crypto';
import { REPORT, type ProviderReport } from '../feedback/provider-report.js';
import { sameSignature } from '../feedback/same-signature.js';

/** Whether Viber has sent it. @param signature the header `X-Viber-Content-Signature`, hexadecimal digits */
export function isFromViber(body: Uint8Array, signature: string, token: string): boolean {
  return sameSignature(signature, createHmac('sha256', token).update(body).digest(), 'hex');
}

/**
 * The one table of what Viber tells (https://developers.viber.com/docs/api/rest-bot-api/#callbacks): `delivered`; `seen`,
 * which is opened; `failed`, the app could not show it, which is a bounce for good. Everything else (`webhook`,
 * `subscribed`, `message`, …) is about no message of ours: null.
 */
export function readViberCallback(body: string): ProviderReport | null {
  const { event, timestamp } = parsed(body);
  // 19 digits: as a number it would be another one.
  const [, token] = /"message_token"\s*:\s*"?(\d{1,25})/.exec(body) ?? [];
  if (token === undefined) return null;
  const at = typeof timestamp === 'number' ? timestamp : null;
  const about = { ...REPORT, message: { providerId: token }, at, copyOf: token };
  switch (event) {
    case 'delivered':
      return { ...about, kind: 'delivered' };
    case 'seen':
      return { ...about, kind: 'opened' };
    case 'failed':
      return { ...about, kind: 'bounced', bounce: 'hard' };
    default:
      return null;
  }
}

function parsed(body: string): { readonly event?: unknown; readonly timestamp?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
