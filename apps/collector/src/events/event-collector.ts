import type { CallType } from '#core';
import {
  collectCalls,
  DeclaredItems,
  MAX_BATCH_EVENTS,
  StoreError,
  type CollectOutcome,
  type CollectRequest,
} from '#engine';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { CollectorBackbone } from '../collector-backbone.js';
import { RequestRefusedError } from '../request-refused-error.js';
import { RefusalLog } from './refusal-log.js';

/** Seconds after which a client is asked to come again when the stream does not take events. */
const RETRY_AFTER_S = 5;

export interface Collected {
  readonly success: true;
}

type Body = { readonly [name: string]: unknown };

/**
 * From the body of a request to the stream: resolves when the stream acknowledged all of its events, and throws
 * RequestRefusedError otherwise: 400 with what can never succeed (the good events are kept), 413, or 503.
 */
export class EventCollector implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly items: DeclaredItems;
  private readonly refusals: RefusalLog;

  /** @param answerWithinMs how long a client waits for the stream: less than clients' own limits, often 10 s */
  constructor(
    private readonly backbone: CollectorBackbone,
    private readonly answerWithinMs: number,
  ) {
    this.items = new DeclaredItems(backbone.rulesets, backbone.log);
    this.refusals = new RefusalLog(backbone.log, backbone.clock);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.items.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.items.stop();
  }

  async single(type: CallType, body: unknown): Promise<Collected> {
    if (!isObject(body)) throw new RequestRefusedError(400, `the body must be one ${type} call, a JSON object`);
    return this.collect({ calls: [body], type, sentAt: undefined, context: undefined, historical: false });
  }

  /** @param historical imported: fills profiles and counters and starts nothing */
  async batch(body: unknown, historical: boolean): Promise<Collected> {
    const calls = isObject(body) ? body['batch'] : null;
    if (!isObject(body) || !Array.isArray(calls))
      throw new RequestRefusedError(400, 'the body must be a JSON object with a list "batch" of calls');
    if (calls.length > MAX_BATCH_EVENTS) {
      this.backbone.metrics.eventsReceived('http', 'refused', calls.length);
      throw new RequestRefusedError(
        413,
        `the batch holds ${calls.length} events, ${MAX_BATCH_EVENTS} are allowed; send it in parts`,
      );
    }
    return this.collect({ calls, type: null, sentAt: body['sentAt'], context: body['context'], historical });
  }

  private async collect(request: Omit<CollectRequest, 'receivedAt' | 'items'>): Promise<Collected> {
    const { stream, clock, metrics } = this.backbone;
    let outcome: CollectOutcome;
    try {
      const collecting = collectCalls(stream, { ...request, receivedAt: clock.now(), items: this.items.current });
      outcome = await within(this.answerWithinMs, collecting);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw this.unavailable(error, request.calls.length);
    }
    const { accepted, refused } = outcome;
    metrics.eventsReceived('http', 'accepted', accepted);
    metrics.eventsReceived('http', 'refused', refused.length);
    this.refusals.note(refused);
    if (refused.length === 0) return { success: true };
    throw new RequestRefusedError(
      400,
      `${refused.length} of ${request.calls.length} events can never be taken as they are${accepted > 0 ? '; the others are kept' : ''}`,
      { body: { accepted, errors: refused } },
    );
  }

  private unavailable(error: StoreError, events: number): RequestRefusedError {
    this.backbone.metrics.eventsReceived('http', 'unavailable', events);
    this.backbone.log.error('the stream takes no events', { code: error.code, error: error.message });
    return new RequestRefusedError(
      503,
      'the event stream did not acknowledge the events; send the same request again, with the same messageIds nothing is counted twice',
      { headers: { 'Retry-After': String(RETRY_AFTER_S) }, cause: error },
    );
  }
}

/** What is late goes on: it may still be written, and is then recognised when it is sent again. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreError(`no acknowledgement within ${ms} ms`, 'stream_late', true)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
