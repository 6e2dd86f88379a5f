import { Pool } from 'undici';
import type { ChannelProvider, OutgoingMessage, SendResult, WebhookCall, WebhookCaller } from '#engine';
import { postOnce } from '../http/post-once.js';
import { publicConnector } from '../http/public-connector.js';
import { classifyAnswer, classifyWebhookError } from './classify-webhook.js';
import { signWebhook, webhookKey } from './sign-webhook.js';

export interface WebhookOptions {
  readonly url: string;
  /** `whsec_…`, or any text; null: calls are not signed. */
  readonly secret: string | null;
  /** Addresses inside the shop's own network may be reached. */
  readonly allowPrivate: boolean;
  readonly clock: { now(): number };
  /** Requests at the same time, each on a connection of its own; 16. */
  readonly connections?: number | null;
  /** From the permit to the answer, connecting included, ms; 15,000. */
  readonly answerWithinMs?: number | null;
}

/** Messages, or the calls of `webhook` steps, as signed requests to one address (https://www.standardwebhooks.com). */
export class WebhookProvider implements ChannelProvider, WebhookCaller {
  readonly kind = 'webhook';
  readonly concurrency: number;
  readonly answerWithinMs: number;
  private readonly pool: Pool;
  private readonly path: string;
  private readonly key: Buffer | null;

  constructor(private readonly options: WebhookOptions) {
    const url = new URL(options.url);
    this.concurrency = options.connections ?? 16;
    this.answerWithinMs = options.answerWithinMs ?? 15_000;
    this.path = url.pathname + url.search;
    this.key = options.secret === null ? null : webhookKey(options.secret);
    this.pool = new Pool(url.origin, {
      connections: this.concurrency,
      pipelining: 1,
      connect: options.allowPrivate ? { timeout: this.answerWithinMs } : publicConnector(this.answerWithinMs),
    });
  }

  send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    return this.post(message.id, messageBody(message), permit);
  }

  call({ id, rule, plannedAt, body }: WebhookCall, permit: () => Promise<boolean>): Promise<SendResult> {
    return this.post(id, { type: rule, timestamp: new Date(plannedAt).toISOString(), data: body }, permit);
  }

  private async post(id: string, content: object, permit: () => Promise<boolean>): Promise<SendResult> {
    const { clock } = this.options;
    const body = JSON.stringify(content);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Kairos',
      ...signWebhook(this.key, id, clock.now(), body),
    };
    if (!(await permit())) return { kind: 'not permitted' };
    const outcome = await postOnce(this.pool, { path: this.path, headers, body }, this.answerWithinMs);
    return outcome.kind === 'answer'
      ? classifyAnswer(outcome.status, outcome.retryAfter, clock.now())
      : classifyWebhookError(outcome.error, outcome.begun);
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

/** The same for every attempt, so that a receiver may compare copies. */
function messageBody(message: OutgoingMessage): object {
  const { id, channel, address, customer, rule, template, category, rendered, unsubscribeUrl } = message;
  const { subject, text, html, locale } = rendered;
  return {
    type: rule,
    timestamp: new Date(message.plannedAt).toISOString(),
    data: {
      message_id: id,
      channel,
      to: address,
      customer,
      template,
      category,
      locale,
      subject,
      text,
      html,
      unsubscribe_url: unsubscribeUrl,
    },
  };
}
