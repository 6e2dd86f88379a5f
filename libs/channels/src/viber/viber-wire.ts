import type { SendResult } from '#engine';
import { addressGone, classifyStatus, numberIn, refused, temporary, textIn, type HttpAnswer } from '../http/answers.js';
import type { Wire } from '../http/http-provider.js';
import { jsonPost } from '../http/json-post.js';

/** Messages of a bot (https://developers.viber.com/docs/api/rest-bot-api/#send-message). `tracking_data` is the message's id. */
export function viberWire({ token, from }: { readonly token: string; readonly from: string }): Wire {
  return {
    kind: 'viber',
    base: 'https://chatapi.viber.com',
    request({ id, address, rendered }) {
      if (address === '') return { kind: 'permanent', detail: 'there is no recipient', addressDead: true };
      const body = {
        receiver: address,
        min_api_version: 1,
        sender: { name: from },
        tracking_data: id,
        type: 'text',
        text: rendered.text,
      };
      return jsonPost('/pa/send_message', body, { 'x-viber-auth-token': token });
    },
    classify: classifyViber,
  };
}

/**
 * The one table of what an answer means: HTTP 200 says nothing, `status` in its body everything
 * (https://creators.viber.com/docs/bots-api/errors).
 *
 * | `status`                                                        | means |
 * |-----------------------------------------------------------------|-------|
 * | 0                                                               | accepted |
 * | 5 receiverNotRegistered, 6 receiverNotSubscribed, 11 receiverNoSuitableDevice | permanent, the address is dead |
 * | 12 tooManyRequests                                              | temporary |
 * | 1, 2 (token), 7–10, 15 (account), 23, 24 (paid for)             | temporary: it is about us |
 * | a 200 whose body was lost                                       | unknown |
 * | any other                                                       | permanent, this message only |
 */
function classifyViber(answer: HttpAnswer): SendResult {
  if (answer.status !== 200) return classifyStatus(answer);
  const code = numberIn(answer.json, 'status');
  if (code === null) return { kind: 'unknown', detail: 'HTTP 200 without a status in its body' };
  if (code === 0) {
    // 19 digits: as a number it would be another one.
    const token = /"message_token"\s*:\s*"?(\d+)/.exec(answer.body ?? '')?.[1] ?? null;
    return { kind: 'accepted', providerId: token, detail: 'HTTP 200, 0' };
  }
  const detail = `HTTP 200, ${code}: ${textIn(answer.json, 'status_message') ?? ''}`;
  if (code === 5 || code === 6 || code === 11) return addressGone(detail);
  return MAY_PASS.has(code) ? temporary(detail, answer.retryAfterMs) : refused(detail);
}

const MAY_PASS: ReadonlySet<number> = new Set([1, 2, 7, 8, 9, 10, 12, 15, 23, 24]);
