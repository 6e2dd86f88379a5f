import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, Headers, Inject, Post, Req, Res } from '@nestjs/common';
import { collectCalls, MAX_BATCH_EVENTS, type CollectOutcome } from '#engine';
import type { CallType } from '#core';
import { BACKBONE, type CollectorBackbone } from './collector-backbone.js';
import type { HttpRequest, HttpResponse } from './http.js';

/** Seconds after which a client is asked to come again when the stream does not take events. */
const RETRY_AFTER_S = 5;

/**
 * The tracking API of Segment, https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/ :
 * 2xx only after the stream acknowledged; 400 names what can never succeed, and the good events of the batch are kept.
 */
@Controller('v1')
export class CollectController {
  constructor(@Inject(BACKBONE) private readonly backbone: CollectorBackbone) {}

  @Post('track')
  async track(
    @Req() request: HttpRequest,
    @Res() response: HttpResponse,
    @Headers('authorization') authorization?: string,
  ): Promise<void> {
    await this.single('track', request, response, authorization);
  }

  @Post('identify')
  async identify(
    @Req() request: HttpRequest,
    @Res() response: HttpResponse,
    @Headers('authorization') authorization?: string,
  ): Promise<void> {
    await this.single('identify', request, response, authorization);
  }

  @Post('batch')
  async batch(
    @Req() request: HttpRequest,
    @Res() response: HttpResponse,
    @Headers('authorization') authorization?: string,
  ): Promise<void> {
    await this.many(request, response, authorization, false);
  }

  /** As `batch`; the events are history: they fill profiles and counters and start nothing. */
  @Post('import')
  async import(
    @Req() request: HttpRequest,
    @Res() response: HttpResponse,
    @Headers('authorization') authorization?: string,
  ): Promise<void> {
    await this.many(request, response, authorization, true);
  }

  private async many(
    request: HttpRequest,
    response: HttpResponse,
    authorization: string | undefined,
    historical: boolean,
  ): Promise<void> {
    if (!this.authorized(request, response, authorization)) return;
    const body = objectOf(request.body);
    const calls = body?.['batch'];
    if (!Array.isArray(calls)) return refuse(response, 400, 'the body must be an object with a list "batch" of events');
    if (calls.length > MAX_BATCH_EVENTS) {
      return refuse(
        response,
        413,
        `the batch holds ${calls.length} events, ${MAX_BATCH_EVENTS} are allowed; send it in parts`,
      );
    }
    await this.collect(response, calls, null, body!, historical);
  }

  private async single(
    type: CallType,
    request: HttpRequest,
    response: HttpResponse,
    authorization: string | undefined,
  ): Promise<void> {
    if (!this.authorized(request, response, authorization)) return;
    const body = objectOf(request.body);
    if (body === null) return refuse(response, 400, `the body must be one ${type} call as a JSON object`);
    await this.collect(response, [body], type, body, false);
  }

  private async collect(
    response: HttpResponse,
    calls: readonly unknown[],
    type: CallType | null,
    { sentAt, context }: Record<string, unknown>,
    historical: boolean,
  ): Promise<void> {
    const { stream, clock, metrics, log } = this.backbone;
    const request = {
      calls,
      type,
      sentAt,
      context: type === null ? context : undefined,
      receivedAt: clock.now(),
      historical,
    };
    let outcome: CollectOutcome;
    try {
      outcome = await collectCalls(stream, request);
    } catch (error) {
      metrics.eventsReceived('http', 'unavailable', calls.length);
      log.error('the stream takes no events', { error: error instanceof Error ? error.message : String(error) });
      response.setHeader('Retry-After', String(RETRY_AFTER_S));
      return refuse(
        response,
        503,
        'the event stream takes no events at the moment; nothing was kept, send the request again',
      );
    }
    metrics.eventsReceived('http', 'accepted', outcome.accepted);
    metrics.eventsReceived('http', 'refused', outcome.refused.length);
    if (outcome.refused.length === 0) response.status(200).json({ success: true });
    else response.status(400).json({ success: false, accepted: outcome.accepted, errors: outcome.refused });
  }

  private authorized(request: HttpRequest, response: HttpResponse, authorization: string | undefined): boolean {
    const inBody = objectOf(request.body)?.['writeKey'];
    const key = basicUser(authorization) ?? (typeof inBody === 'string' ? inBody : null);
    if (key !== null && sameSecret(key, this.backbone.writeKey)) return true;
    this.backbone.metrics.eventsReceived('http', 'unauthorized', 1);
    response.setHeader('WWW-Authenticate', 'Basic realm="Kairos write key"');
    refuse(
      response,
      401,
      key === null
        ? 'a write key is missing: send it as the user of HTTP Basic authentication, with an empty password'
        : 'this write key is not known here; `npm start` prints the right one, or set KAIROS_WRITE_KEY',
    );
    return false;
  }
}

function refuse(response: HttpResponse, status: number, message: string): void {
  response.status(status).json({ success: false, message });
}

function objectOf(body: unknown): Record<string, unknown> | null {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : null;
}

function basicUser(authorization: string | undefined): string | null {
  const match = /^basic ([a-z0-9+/=_-]+)$/i.exec(authorization ?? '');
  return match === null ? null : Buffer.from(match[1]!, 'base64').toString('utf8').split(':', 1)[0]!;
}

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
