import { Agent } from 'undici';
import webPush from 'web-push';
import type { Device } from '#core';
import type { ChannelProvider, OutgoingMessage, SendResult } from '#engine';
import { addressGone, classifyNoAnswer, classifyStatus, refused, toAnswer, type HttpAnswer } from '../http/answers.js';
import { onEveryDevice } from '../http/every-device.js';
import { HTTP_CONCURRENCY, HTTP_TIMEOUT_MS } from '../http/http-provider.js';
import { postOnce, type PostRequest } from '../http/post-once.js';
import { PrivateAddressError } from '../http/public-addresses.js';
import { publicConnector } from '../http/public-connector.js';
import { withoutAddresses } from '../http/without-addresses.js';

export interface WebPushOptions {
  /** VAPID (RFC 8292), base64url. */
  readonly keys: { readonly publicKey: string; readonly privateKey: string };
  /** `mailto:` or `https:`. */
  readonly contact: string;
  /** Over messages whose template has no title: the shop's name. */
  readonly title: string | null;
  /** Endpoints inside the shop's own network may be reached. */
  readonly allowPrivate: boolean;
  readonly clock: { now(): number };
  readonly concurrency?: number | null;
  readonly timeoutMs?: number | null;
}

/** How long a push service keeps it for a browser that is off, s. */
const KEEP_SECONDS = 24 * 60 * 60;
/** A record of 4,096 bytes is what every push service takes (RFC 8030, 7.2), less header, padding and tag (RFC 8188, 8291). */
const MOST_BYTES = 3_993;

/**
 * Push messages to browsers (RFC 8030, encrypted by RFC 8291, signed by RFC 8292). Endpoints come from customers, so they
 * are reached like webhooks: public addresses only, no redirects. The same topic in every attempt makes a push service
 * replace what it still holds, so a second attempt is seen once.
 */
export class WebPushProvider implements ChannelProvider {
  readonly kind = 'web-push';
  readonly concurrency: number;
  readonly answerWithinMs: number;
  private readonly agent: Agent;

  constructor(private readonly options: WebPushOptions) {
    this.concurrency = options.concurrency ?? HTTP_CONCURRENCY;
    this.answerWithinMs = options.timeoutMs ?? HTTP_TIMEOUT_MS;
    this.agent = new Agent({
      connections: this.concurrency,
      pipelining: 1,
      connect: options.allowPrivate ? { timeout: this.answerWithinMs } : publicConnector(this.answerWithinMs),
    });
  }

  async send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    const payload = this.payload(message);
    if (payload.length > MOST_BYTES)
      return refused(`the message has ${payload.length} bytes, more than the ${MOST_BYTES} that push services take`);
    const prepared = message.devices.map((device) => ({ device, request: this.request(device, message, payload) }));
    const results = prepared.flatMap(({ device, request }) =>
      request === null ? [{ device, result: addressGone('this is no subscription of a browser') }] : [],
    );
    const reachable = prepared.filter((one): one is { device: Device; request: PostRequest } => one.request !== null);
    if (reachable.length === 0) return withoutAddresses(onEveryDevice(results), message);
    if (!(await permit())) return { kind: 'not permitted' };
    const asked = await Promise.all(
      reachable.map(async ({ device, request }) => ({ device, result: await this.post(request) })),
    );
    return withoutAddresses(onEveryDevice([...results, ...asked]), message);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** What the shop's service worker gets in its `push` event. */
  private payload({ id, rendered }: OutgoingMessage): Buffer {
    const title = rendered.subject ?? this.options.title ?? '';
    return Buffer.from(JSON.stringify({ title, body: rendered.text, tag: id, data: { message_id: id } }));
  }

  /** null: it cannot be encrypted for this device. */
  private request(device: Device, { id }: OutgoingMessage, payload: Buffer): PostRequest | null {
    const { address: endpoint, keys } = device;
    const schemes = this.options.allowPrivate ? ['https:', 'http:'] : ['https:'];
    if (keys === null || !URL.canParse(endpoint) || !schemes.includes(new URL(endpoint).protocol)) return null;
    const { origin, pathname, search } = new URL(endpoint);
    try {
      const details = webPush.generateRequestDetails({ endpoint, keys: { ...keys } }, payload, {
        vapidDetails: { subject: this.options.contact, ...this.options.keys },
        TTL: KEEP_SECONDS,
        contentEncoding: 'aes128gcm',
        topic: id.replaceAll('-', ''),
      });
      const headers = Object.fromEntries(Object.entries(details.headers).map(([name, value]) => [name, String(value)]));
      return { origin, path: pathname + search, headers, body: details.body ?? Buffer.alloc(0) };
    } catch {
      // Only the subscription can be wrong here: our keys were tried when the provider was made.
      return null;
    }
  }

  private async post(request: PostRequest): Promise<SendResult> {
    const outcome = await postOnce(this.agent, request, this.answerWithinMs);
    if (outcome.kind === 'answer') return classifyPush(toAnswer(outcome, this.options.clock.now()));
    if (outcome.error instanceof PrivateAddressError) return refused(outcome.error.message);
    return classifyNoAnswer(outcome.error, outcome.begun);
  }
}

/**
 * The one table of what a push service's answer means (RFC 8030, 5 and 7.3; RFC 8292, 4.2):
 *
 * | answer                         | means |
 * |--------------------------------|-------|
 * | 2xx                            | accepted |
 * | 404, 410                       | permanent, the subscription is gone |
 * | 401, 403 (VAPID)               | temporary: it is about us |
 * | 429, 503                       | temporary, with Retry-After |
 * | any other 5xx                  | temporary: the topic makes a copy replace the first |
 * | 413 and any other 4xx          | permanent, this message only |
 */
function classifyPush(answer: HttpAnswer): SendResult {
  const { status } = answer;
  const detail = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { kind: 'accepted', providerId: null, detail };
  if (status === 404 || status === 410) return addressGone(detail);
  if (status >= 500) return { kind: 'temporary', detail, retryAfterMs: answer.retryAfterMs };
  return classifyStatus(answer, detail);
}
