import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { preferencesToken, readUnsubscribeToken, type Unsubscription } from '#core';
import { StoreError } from '#engine';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest, HttpResponse } from '../http.js';
import { sendPage } from '../pages/html-page.js';
import { unsubscribePage, type UnsubscribePage } from './unsubscribe-page.js';

const STATUS: { readonly [page in UnsubscribePage]: number } = { ask: 200, done: 200, unknown: 404, unavailable: 503 };

/**
 * One click out of a category on a channel. Mail programs POST `List-Unsubscribe=One-Click` (RFC 8058), people see a
 * page whose button POSTs; GET never changes anything, since scanners follow every link of a mail. What is posted does
 * not matter, the link says it all.
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
    try {
      await this.backbone.contacts.unsubscribe(unsubscription);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.backbone.log.error('an unsubscription could not be recorded', { code: error.code, error: error.message });
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
    const { secret, clock } = this.backbone;
    const preferences = unsubscription === null ? null : `p/${preferencesToken(unsubscription, secret, clock.now())}`;
    const details = { category: unsubscription?.category ?? null, preferences };
    sendPage(response, STATUS[page], unsubscribePage(page, request.headers['accept-language'], details));
  }
}
