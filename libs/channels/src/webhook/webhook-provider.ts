import { isIP } from 'node:net';
import { buildConnector, Pool } from 'undici';
import type { ChannelProvider, OutgoingMessage, SendResult } from '#engine';
import { classifyAnswer, classifyWebhookError } from './classify-webhook.js';
import { postOnce } from './post-once.js';
import { isPublicAddress, lookupPublic, PrivateAddressError } from './public-addresses.js';
import { signWebhook, webhookKey } from './sign-webhook.js';

export interface WebhookOptions {
  readonly url: string;
  /** `whsec_…`, or any text. */
  readonly secret: string;
  /** Addresses inside the shop's own network may be reached. */
  readonly allowPrivate: boolean;
  readonly clock: { now(): number };
  /** Requests at the same time, each on a connection of its own; 16. */
  readonly connections?: number;
  /** From the permit to the answer, connecting included, ms; 15,000. */
  readonly answerWithinMs?: number;
}

/** Messages as signed requests to one address (https://www.standardwebhooks.com). */
export class WebhookProvider implements ChannelProvider {
  readonly kind = 'webhook';
  readonly concurrency: number;
  readonly answerWithinMs: number;
  private readonly pool: Pool;
  private readonly path: string;
  private readonly key: Buffer;

  constructor(private readonly options: WebhookOptions) {
    const url = new URL(options.url);
    this.concurrency = options.connections ?? 16;
    this.answerWithinMs = options.answerWithinMs ?? 15_000;
    this.path = url.pathname + url.search;
    this.key = webhookKey(options.secret);
    this.pool = new Pool(url.origin, {
      connections: this.concurrency,
      pipelining: 1,
      connect: options.allowPrivate ? { timeout: this.answerWithinMs } : publicConnector(this.answerWithinMs),
    });
  }

  async send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    const { clock } = this.options;
    const body = JSON.stringify(webhookBody(message));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Kairos',
      ...signWebhook(this.key, message.id, clock.now(), body),
    };
    if (!(await permit())) return { kind: 'not permitted' };
    const outcome = await postOnce(this.pool, this.path, headers, body, this.answerWithinMs);
    return outcome.kind === 'answer'
      ? classifyAnswer(outcome.status, outcome.retryAfter, clock.now())
      : classifyWebhookError(outcome.error, outcome.begun);
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

/** The same for every attempt, so that a receiver may compare copies. */
function webhookBody(message: OutgoingMessage): object {
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

/** Connects to public addresses only, judged on the very address that is connected to. */
function publicConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: lookupPublic });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    // Nothing is looked up for an address that is written out.
    if (isIP(host) !== 0 && !isPublicAddress(host)) return callback(new PrivateAddressError(), null);
    connect(options, callback);
  };
}
