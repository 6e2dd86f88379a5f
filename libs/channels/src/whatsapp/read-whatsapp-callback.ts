import { createHmac } from 'node:crypto';
import { REPORT, type ProviderReport } from '../feedback/provider-report.js';
import { sameSignature } from '../feedback/same-signature.js';

/** Whether WhatsApp has sent it. @param signature the header `X-Hub-Signature-256`, `sha256=` and hexadecimal digits */
export function isFromWhatsApp(body: Uint8Array, signature: string, appSecret: string): boolean {
  const [, digits] = /^sha256=([0-9a-f]{64})$/i.exec(signature) ?? [];
  return digits !== undefined && sameSignature(digits, createHmac('sha256', appSecret).update(body).digest(), 'hex');
}

/**
 * The one table of what WhatsApp tells (https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components):
 *
 * | in `value`                                   | means |
 * |----------------------------------------------|-------|
 * | `statuses[]`: delivered                      | delivered |
 * | read                                         | opened |
 * | failed, by `errors[0].code`                  | bounced for good; for a while with rates, outages and limits of marketing (1304…, 131000, 131016, 131048, 131049, 131053, 131056, 131057) |
 * | … 131026                                     | … and the address is dead: it is not on WhatsApp |
 * | sent                                         | nothing: it was accepted |
 * | `messages[]` with `context.id`               | a message was replied to |
 *
 * Whatever has another form is passed over: WhatsApp adds fields as it likes.
 */
export function readWhatsAppCallback(body: unknown): readonly ProviderReport[] {
  const values = listIn(body, 'entry')
    .flatMap((entry) => listIn(entry, 'changes'))
    .map((change) => fieldOf(change, 'value'));
  return values.flatMap((value) => [
    ...listIn(value, 'statuses').flatMap((status) => readStatus(status) ?? []),
    ...listIn(value, 'messages').flatMap((message) => readReply(message) ?? []),
  ]);
}

function readStatus(status: unknown): ProviderReport | null {
  const own = textOf(status, 'biz_opaque_callback_data');
  const wamid = textOf(status, 'id');
  if (wamid === null) return null;
  const message = own !== null && UUID.test(own) ? { id: own } : { providerId: wamid };
  const about = { ...REPORT, message, at: secondsOf(status), copyOf: wamid };
  switch (textOf(status, 'status')) {
    case 'delivered':
      return { ...about, kind: 'delivered' };
    case 'read':
      return { ...about, kind: 'opened' };
    case 'failed': {
      const [error] = listIn(status, 'errors');
      const code = fieldOf(error, 'code');
      const number = typeof code === 'number' ? code : null;
      const bounce = number !== null && MAY_PASS.has(number) ? 'soft' : 'hard';
      const said = number === null ? null : String(number);
      return { ...about, kind: 'bounced', bounce, isAddressDead: number === NOT_ON_WHATSAPP, code: said };
    }
    default:
      return null;
  }
}

function readReply(message: unknown): ProviderReport | null {
  const providerId = textOf(fieldOf(message, 'context'), 'id');
  const copyOf = textOf(message, 'id');
  if (providerId === null || copyOf === null) return null;
  return { ...REPORT, message: { providerId }, kind: 'replied', at: secondsOf(message), copyOf };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NOT_ON_WHATSAPP = 131026;
const MAY_PASS: ReadonlySet<number> = new Set([130429, 130472, 131000, 131016, 131048, 131049, 131053, 131056, 131057]);

/** Text of digits, s. */
function secondsOf(value: unknown): number | null {
  const text = textOf(value, 'timestamp');
  return text !== null && /^\d{1,11}$/.test(text) ? Number(text) * 1000 : null;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as { readonly [name: string]: unknown })[name];
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
}

function textOf(value: unknown, name: string): string | null {
  const text = fieldOf(value, name);
  return typeof text === 'string' && text !== '' ? text : null;
}
