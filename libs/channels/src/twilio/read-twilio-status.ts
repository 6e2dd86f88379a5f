import { createHmac } from 'node:crypto';
import { REPORT, type ProviderReport } from '../feedback/provider-report.js';
import { sameSignature } from '../feedback/same-signature.js';

export interface TwilioCallback {
  /** In full, as Twilio was told it. */
  readonly url: string;
  /** A form, as it came. */
  readonly body: string;
  /** The header `X-Twilio-Signature`; empty: there was none. */
  readonly signature: string;
}

/**
 * Whether Twilio has sent it: HMAC-SHA1 with the auth token over the address and, sorted by name, all fields of the form
 * with their different values (https://www.twilio.com/docs/usage/security#validating-requests).
 */
export function isFromTwilio({ url, body, signature }: TwilioCallback, token: string): boolean {
  const form = new URLSearchParams(body);
  const names = [...new Set(form.keys())].sort();
  const fields = names.map((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value));
  return spellings(url).some((spelt) => {
    const signed = createHmac('sha1', token)
      .update(spelt + fields.flat().join(''), 'utf8')
      .digest();
    return sameSignature(signature, signed, 'base64');
  });
}

/** Twilio signs sometimes with the port and sometimes without, whatever it was told; its own libraries try both. */
function spellings(url: string): readonly string[] {
  const [, scheme = '', host = '', port = '', behind = ''] = /^(https?):\/\/([^/:?#]+)(:\d+)?(.*)$/is.exec(url) ?? [];
  const other = port === '' ? `:${scheme.toLowerCase() === 'https' ? 443 : 80}` : '';
  return [url, `${scheme}://${host}${other}${behind}`];
}

/**
 * The one table of what a status means (https://www.twilio.com/docs/messaging/api/message-resource#message-status-values,
 * https://www.twilio.com/docs/api/errors):
 *
 * | `MessageStatus`                         | means |
 * |-----------------------------------------|-------|
 * | delivered                               | delivered |
 * | read                                    | opened |
 * | undelivered or failed, with `ErrorCode` | bounced for good; for a while with 30001 (queue), 30002 (account), 30003 (unreachable), 30008 (unknown), 30017 (congestion), 30022 (rate) |
 * | … 21211, 21614, 30005, 30006            | … and the address is dead: no such number, one that takes no texts |
 * | … 21610                                 | … and the address is dead: its owner has answered STOP |
 * | accepted, queued, sending, sent, …      | nothing yet |
 *
 * @param messageId of the message whose own address was called
 * @returns null where it says nothing of what became of it
 */
export function readTwilioStatus(body: string, messageId: string): ProviderReport | null {
  const form = new URLSearchParams(body);
  const code = form.get('ErrorCode') || null;
  const about = { ...REPORT, message: { id: messageId }, at: null, copyOf: form.get('MessageSid') ?? '' };
  switch (form.get('MessageStatus') ?? form.get('SmsStatus')) {
    case 'delivered':
      return { ...about, kind: 'delivered' };
    case 'read':
      return { ...about, kind: 'opened' };
    case 'undelivered':
    case 'failed':
      return {
        ...about,
        kind: 'bounced',
        bounce: code !== null && SOFT.has(code) ? 'soft' : 'hard',
        isAddressDead: code !== null && DEAD.has(code),
        code,
      };
    default:
      return null;
  }
}

const SOFT: ReadonlySet<string> = new Set(['30001', '30002', '30003', '30008', '30017', '30022']);
const DEAD: ReadonlySet<string> = new Set(['21211', '21610', '21614', '30005', '30006']);
