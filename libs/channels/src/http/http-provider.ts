import { Pool } from 'undici';
import type { ChannelProvider, OutgoingMessage, SendResult } from '#engine';
import { classifyNoAnswer, toAnswer, type HttpAnswer } from './answers.js';
import { postOnce, type PostRequest } from './post-once.js';
import { withoutAddresses } from './without-addresses.js';

/** What one provider's API speaks: how a message is asked for, and its table of what an answer means. */
export interface Wire {
  readonly kind: string;
  /** The provider's own, without a slash at its end. */
  readonly base: string;
  /** Path beneath the base; or why this message can never be asked for. */
  request(message: OutgoingMessage): PostRequest | SendResult;
  classify(answer: HttpAnswer, message: OutgoingMessage): SendResult;
}

export interface HttpOptions {
  /** Instead of the provider's own base: a gateway, a region, a test. */
  readonly url: string | null;
  readonly clock: { now(): number };
  /** Requests at the same time, each on a connection of its own; 16. */
  readonly concurrency?: number | null;
  /** From the permit to the answer, connecting included, ms; 15,000. */
  readonly timeoutMs?: number | null;
}

export const HTTP_CONCURRENCY = 16;
export const HTTP_TIMEOUT_MS = 15_000;

/**
 * A provider with a JSON API over HTTP: the permit before the request, one request an attempt, no redirects. What is
 * special about a provider is its `Wire`.
 */
export class HttpProvider implements ChannelProvider {
  readonly kind: string;
  readonly concurrency: number;
  readonly answerWithinMs: number;
  private readonly pool: Pool;
  private readonly prefix: string;

  constructor(
    private readonly wire: Wire,
    private readonly options: HttpOptions,
  ) {
    const base = new URL(options.url ?? wire.base);
    this.kind = wire.kind;
    this.concurrency = options.concurrency ?? HTTP_CONCURRENCY;
    this.answerWithinMs = options.timeoutMs ?? HTTP_TIMEOUT_MS;
    this.prefix = base.pathname.replace(/\/$/, '');
    this.pool = new Pool(base.origin, {
      connections: this.concurrency,
      pipelining: 1,
      connect: { timeout: this.answerWithinMs },
    });
  }

  async send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    const request = this.wire.request(message);
    if ('kind' in request) return request;
    if (!(await permit())) return { kind: 'not permitted' };
    const asked = { ...request, path: this.prefix + request.path };
    const outcome = await postOnce(this.pool, asked, this.answerWithinMs, 'body');
    const result =
      outcome.kind === 'error'
        ? classifyNoAnswer(outcome.error, outcome.begun)
        : this.wire.classify(toAnswer(outcome, this.options.clock.now()), message);
    return withoutAddresses(result, message);
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
