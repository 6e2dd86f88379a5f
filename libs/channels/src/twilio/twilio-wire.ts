import type { OutgoingMessage, SendResult } from '#engine';
import { addressGone, classifyStatus, numberIn, refused, temporary, textIn, type HttpAnswer } from '../http/answers.js';
import type { Wire } from '../http/http-provider.js';
import { phoneNumber } from '../http/phone-number.js';
import type { PostRequest } from '../http/post-once.js';
import { countSegments } from './count-segments.js';

export interface TwilioOptions {
  /** The account SID. */
  readonly account: string;
  readonly token: string;
  /** A number, a sender's name, or a messaging service (`MG…`). */
  readonly from: string;
  /** Of numbers that name none, two capitals. */
  readonly country: string | null;
  /** Where Twilio tells what became of a message; null: nowhere. */
  readonly statusUrl?: ((message: OutgoingMessage) => string | null) | null;
}

/**
 * Text messages over Twilio's API, or one that speaks it: form-encoded POST to `Messages.json` with Basic auth, 201 with
 * the message's `sid` (https://www.twilio.com/docs/messaging/api/message-resource). There is no idempotency key, so an
 * answer that is lost leaves the outcome unknown.
 */
export function twilioWire({ account, token, from, country, statusUrl = null }: TwilioOptions): Wire {
  const authorization = `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    'user-agent': 'Kairos',
    authorization,
  };
  const path = `/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`;
  const sender: [string, string] = /^MG[0-9a-f]{32}$/i.test(from) ? ['MessagingServiceSid', from] : ['From', from];
  return {
    kind: 'twilio',
    base: 'https://api.twilio.com',
    request(message): PostRequest | Extract<SendResult, { kind: 'permanent' }> {
      const to = phoneNumber(message.address, country);
      if (to === null) return { kind: 'permanent', detail: 'the recipient is not a phone number', addressDead: true };
      const form = new URLSearchParams([['To', to], sender, ['Body', message.rendered.text]]);
      const callback = statusUrl?.(message) ?? null;
      if (callback !== null) form.set('StatusCallback', callback);
      return { path, headers, body: form.toString() };
    },
    classify: classifyTwilio,
  };
}

/**
 * The one table of what an answer means (https://www.twilio.com/docs/api/errors):
 *
 * | answer                                                             | means |
 * |--------------------------------------------------------------------|-------|
 * | 2xx                                                                | accepted, with sid and segments |
 * | 21211, 21214, 21217, 21265, 21614, 21635 (no number for texts)     | permanent, the address is dead |
 * | 21610 (the recipient answered STOP)                                | permanent, the address is dead |
 * | 20429 and HTTP 429                                                 | temporary, with Retry-After |
 * | 20001, 20003, 20005, 20404, 21212, 21603, 21606, 21609, 21659, 21660 | temporary: account, sender or callback address, not this message |
 * | a 5xx in Twilio's own words                                        | temporary: it says that it failed |
 * | any other 5xx but 503                                              | unknown |
 * | any other 4xx                                                      | permanent, this message only |
 */
function classifyTwilio(answer: HttpAnswer, { rendered }: OutgoingMessage): SendResult {
  const { status, json } = answer;
  if (status >= 200 && status < 300) {
    const { alphabet, count } = countSegments(rendered.text);
    // A messaging service says 0, since it has not chosen a sender yet.
    const billed = Number(textIn(json, 'num_segments')) || count;
    const detail = `HTTP ${status}, ${billed} ${billed === 1 ? 'segment' : 'segments'} of ${alphabet}`;
    return { kind: 'accepted', providerId: textIn(json, 'sid'), detail };
  }
  const code = numberIn(json, 'code');
  const detail = `HTTP ${status}${code === null ? '' : `, ${code}`}${json === null ? '' : `: ${textIn(json, 'message') ?? ''}`}`;
  if (code !== null && DEAD.has(code)) return addressGone(detail);
  if (code === 20429) return temporary(detail, answer.retryAfterMs);
  if (code !== null && (OURS.has(code) || status >= 500)) return temporary(detail, answer.retryAfterMs);
  return code === null || status === 429 || status === 401 ? classifyStatus(answer, detail) : refused(detail);
}

const DEAD: ReadonlySet<number> = new Set([21211, 21214, 21217, 21265, 21610, 21614, 21635]);
const OURS: ReadonlySet<number> = new Set([20001, 20003, 20005, 20404, 21212, 21603, 21606, 21609, 21659, 21660]);
