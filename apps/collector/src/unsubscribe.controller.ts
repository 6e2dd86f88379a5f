import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { readUnsubscribeToken, type Unsubscription } from '#core';
import { BACKBONE, type CollectorBackbone } from './collector-backbone.js';
import type { HttpRequest, HttpResponse } from './http.js';
import { unsubscribePage, type UnsubscribePage } from './unsubscribe-page.js';

/**
 * One click out of a category on a channel. Mail programs POST (RFC 8058), people see a page whose button POSTs;
 * GET never changes anything, since scanners follow every link of a mail.
 */
@Controller('u')
export class UnsubscribeController {
  constructor(@Inject(BACKBONE) private readonly backbone: CollectorBackbone) {}

  @Get(':token')
  page(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    const unsubscription = this.read(request);
    this.answer(request, response, unsubscription === null ? 'unknown' : 'ask', unsubscription);
  }

  @Post(':token')
  async unsubscribe(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const unsubscription = this.read(request);
    if (unsubscription === null) return this.answer(request, response, 'unknown', null);
    const { customerId, category, channel, messageId } = unsubscription;
    try {
      await this.backbone.contacts.unsubscribe(customerId, {
        category,
        channel,
        source: `link of message ${messageId}`,
      });
    } catch (error) {
      this.backbone.log.error('an unsubscription could not be recorded', { error: String(error) });
      response.setHeader('Retry-After', '5');
      return this.answer(request, response, 'unavailable', unsubscription);
    }
    this.answer(request, response, 'done', unsubscription);
  }

  private read(request: HttpRequest): Unsubscription | null {
    return readUnsubscribeToken(request.params['token'] ?? '', this.backbone.secret, this.backbone.clock.now());
  }

  private answer(
    request: HttpRequest,
    response: HttpResponse,
    page: UnsubscribePage,
    unsubscription: Unsubscription | null,
  ): void {
    const status = { ask: 200, done: 200, unknown: 404, unavailable: 503 }[page];
    const language = String(request.headers['accept-language'] ?? 'en').slice(0, 200);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    );
    response
      .status(status)
      .type('text/html')
      .send(unsubscribePage(page, language, unsubscription?.category ?? null));
  }
}
