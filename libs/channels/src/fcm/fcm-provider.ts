import { Pool } from 'undici';
import type { ChannelProvider, OutgoingMessage, SendResult } from '#engine';
import { classifyNoAnswer, toAnswer } from '../http/answers.js';
import { onEveryDevice } from '../http/every-device.js';
import { HTTP_CONCURRENCY, HTTP_TIMEOUT_MS, type HttpOptions } from '../http/http-provider.js';
import { jsonPost } from '../http/json-post.js';
import { postOnce } from '../http/post-once.js';
import { withoutAddresses } from '../http/without-addresses.js';
import { AccessToken, AccessTokenError } from './access-token.js';
import { classifyFcm } from './classify-fcm.js';
import type { ServiceAccount } from './service-account.js';

export interface FcmOptions extends HttpOptions {
  readonly account: ServiceAccount;
  /** Over messages whose template has no title: the shop's name. */
  readonly title: string | null;
}

/**
 * Push messages to mobile apps (https://firebase.google.com/docs/cloud-messaging/send/v1-api), one request a device, all
 * at once after one permit. The access token is fetched before it.
 */
export class FcmProvider implements ChannelProvider {
  readonly kind = 'fcm';
  readonly concurrency: number;
  readonly answerWithinMs: number;
  private readonly pool: Pool;
  private readonly path: string;
  private readonly token: AccessToken;

  constructor(private readonly options: FcmOptions) {
    const base = new URL(options.url ?? 'https://fcm.googleapis.com');
    this.concurrency = options.concurrency ?? HTTP_CONCURRENCY;
    this.answerWithinMs = options.timeoutMs ?? HTTP_TIMEOUT_MS;
    const project = encodeURIComponent(options.account.project);
    this.path = `${base.pathname.replace(/\/$/, '')}/v1/projects/${project}/messages:send`;
    this.pool = new Pool(base.origin, {
      connections: this.concurrency,
      pipelining: 1,
      connect: { timeout: this.answerWithinMs },
    });
    this.token = new AccessToken(options.account, options.clock, this.answerWithinMs);
  }

  async send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    const { devices } = message;
    if (devices.length === 0) return onEveryDevice([]);
    let token: string;
    try {
      token = await this.token.get();
    } catch (error) {
      if (!(error instanceof AccessTokenError)) throw error;
      return { kind: 'temporary', detail: error.message, retryAfterMs: null, unreachable: error.unreachable };
    }
    if (!(await permit())) return { kind: 'not permitted' };
    const results = await Promise.all(
      devices.map(async (device) => ({ device, result: await this.sendTo(device.address, message, token) })),
    );
    return withoutAddresses(onEveryDevice(results), message);
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.destroy(), this.token.close()]);
  }

  private async sendTo(device: string, { id, rendered }: OutgoingMessage, token: string): Promise<SendResult> {
    const title = rendered.subject ?? this.options.title;
    const body = {
      message: {
        token: device,
        notification: { ...(title === null ? {} : { title }), body: rendered.text },
        // What the app tells back with, and what makes a copy replace the first on the screen.
        data: { message_id: id },
        android: { notification: { tag: id } },
        apns: { headers: { 'apns-collapse-id': id } },
      },
    };
    const request = jsonPost(this.path, body, { authorization: `Bearer ${token}` });
    const outcome = await postOnce(this.pool, request, this.answerWithinMs, 'body');
    if (outcome.kind === 'error') return classifyNoAnswer(outcome.error, outcome.begun);
    if (outcome.status === 401) this.token.forget(token);
    return classifyFcm(toAnswer(outcome, this.options.clock.now()));
  }
}
