import type { OutgoingMessage, SendResult } from '#engine';
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
import { phoneNumber } from '../http/phone-number.js';

export interface WhatsAppOptions {
  readonly token: string;
  /** Id of the number that sends. */
  readonly phone: string;
  /** An approved template with one variable, the text; null: a plain text. */
  readonly template: string | null;
  readonly country: string | null;
}

/**
 * Messages over WhatsApp's Cloud API (https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages). Plain
 * texts reach only who wrote within 24 hours; to begin a conversation WhatsApp wants a template it has approved.
 * `biz_opaque_callback_data` comes back with every status and is the message's id.
 */
export function whatsappWire({ token, phone, template, country }: WhatsAppOptions): Wire {
  return {
    kind: 'whatsapp',
    base: 'https://graph.facebook.com/v23.0',
    request(message) {
      // Ids are numbers without a plus.
      const to = phoneNumber(`+${message.address.replace(/^\+/, '')}`, null) ?? phoneNumber(message.address, country);
      if (to === null) return { kind: 'permanent', detail: 'the recipient is not a phone number', addressDead: true };
      const body = {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: to.slice(1),
        biz_opaque_callback_data: message.id,
        ...contentOf(message, template),
      };
      return jsonPost(`/${encodeURIComponent(phone)}/messages`, body, { authorization: `Bearer ${token}` });
    },
    classify: classifyWhatsApp,
  };
}

function contentOf({ rendered }: OutgoingMessage, template: string | null): object {
  if (template === null) return { type: 'text', text: { body: rendered.text, preview_url: true } };
  // Variables hold no line breaks and no runs of blanks.
  const text = rendered.text.replace(/\s+/g, ' ').trim();
  const language = { code: rendered.locale.replaceAll('-', '_') };
  const components = [{ type: 'body', parameters: [{ type: 'text', text }] }];
  return { type: 'template', template: { name: template, language, components } };
}

/**
 * The one table of what an answer means, by `error.code`
 * (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes):
 *
 * | answer                                                                   | means |
 * |--------------------------------------------------------------------------|-------|
 * | 200 with `messages[0].id`                                                | accepted |
 * | 131026 (cannot be delivered: not on WhatsApp), 131021 (it is the sender) | permanent, the address is dead |
 * | 4, 80007, 130429, 131048, 131056 (rates)                                 | temporary |
 * | 1, 2, 131000, 131016, 131057, 133004 (they cannot just now)              | temporary |
 * | 0, 3, 10, 33, 190, 200–299, 368, 131005, 131031, 131042, 131045          | temporary: token, account, payment |
 * | any other code (131047 no template, 131050 opted out, 132…)              | permanent, this message only |
 * | a 5xx without their words, but 503                                       | unknown |
 */
function classifyWhatsApp(answer: HttpAnswer): SendResult {
  const { status, json } = answer;
  if (status >= 200 && status < 300) {
    const [first] = Array.isArray(json?.['messages']) ? (json['messages'] as readonly unknown[]) : [];
    const id = typeof first === 'object' && first !== null && 'id' in first ? first.id : null;
    return { kind: 'accepted', providerId: typeof id === 'string' ? id : null, detail: `HTTP ${status}` };
  }
  const error = member(json, 'error');
  const code = numberIn(error, 'code');
  if (code === null) return classifyStatus(answer);
  const words = textIn(member(error, 'error_data'), 'details') ?? textIn(error, 'message') ?? '';
  const detail = `HTTP ${status}, ${code}: ${words}`;
  if (code === 131026 || code === 131021) return addressGone(detail);
  if (MAY_PASS.has(code) || (code >= 200 && code < 300)) return temporary(detail, answer.retryAfterMs);
  return refused(detail);
}

const MAY_PASS: ReadonlySet<number> = new Set([
  ...[4, 80007, 130429, 131048, 131056],
  ...[1, 2, 131000, 131016, 131057, 133004],
  ...[0, 3, 10, 33, 190, 368, 131005, 131031, 131042, 131045],
]);
