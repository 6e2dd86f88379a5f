import type { SendResult } from '#engine';
import {
  addressGone,
  classifyStatus,
  member,
  numberIn,
  refused,
  temporary,
  textIn,
  type HttpAnswer,
} from '../http/answers.js';
import type { Wire } from '../http/http-provider.js';
import { jsonPost } from '../http/json-post.js';
import { retryAfterMs } from '../http/retry-after.js';

/** Messages of a bot (https://core.telegram.org/bots/api#sendmessage). The token stands in the path and is never shown. */
export function telegramWire({ token, now }: { readonly token: string; readonly now: () => number }): Wire {
  return {
    kind: 'telegram',
    base: 'https://api.telegram.org',
    request({ address, rendered }) {
      if (!/^-?\d{1,19}$/.test(address))
        return { kind: 'permanent', detail: 'the recipient is not the id of a chat', addressDead: true };
      return jsonPost(`/bot${token}/sendMessage`, { chat_id: Number(address), text: rendered.text });
    },
    classify: (answer) => classifyTelegram(answer, now()),
  };
}

/**
 * The one table of what an answer means. `description` is all there is to tell 400s apart; `error_code` repeats the
 * status (https://core.telegram.org/bots/api#making-requests, #responseparameters).
 *
 * | answer                                                        | means |
 * |---------------------------------------------------------------|-------|
 * | `ok: true`                                                    | accepted |
 * | 429                                                           | temporary, after `parameters.retry_after` seconds |
 * | 403 (blocked, deactivated, never began the chat)              | permanent, the address is dead |
 * | 400 chat not found, user not found, PEER_ID_INVALID           | permanent, the address is dead |
 * | 401, 404 (the token)                                          | temporary: it is about us |
 * | a 5xx in Telegram's own words                                 | temporary: it says that it failed |
 * | any other 5xx but 503                                         | unknown |
 * | any other 400 (too long, cannot parse)                        | permanent, this message only |
 */
function classifyTelegram(answer: HttpAnswer, now: number): SendResult {
  const { status, json } = answer;
  if (status === 200) {
    const id = numberIn(member(json, 'result'), 'message_id');
    return { kind: 'accepted', providerId: id === null ? null : String(id), detail: `HTTP ${status}` };
  }
  const description = textIn(json, 'description');
  const detail = `HTTP ${status}${description === null ? '' : `: ${description}`}`;
  if (status === 429) {
    const asked = numberIn(member(json, 'parameters'), 'retry_after');
    return temporary(detail, asked === null ? answer.retryAfterMs : retryAfterMs(asked, now));
  }
  if (json === null) return status === 404 ? temporary(detail) : classifyStatus(answer, detail);
  if (status === 403) return addressGone(detail);
  if (status === 401 || status === 404 || status >= 500) return temporary(detail, answer.retryAfterMs);
  return GONE.test(description ?? '') ? addressGone(detail) : refused(detail);
}

const GONE = /chat not found|user not found|PEER_ID_INVALID|USER_ID_INVALID/i;
