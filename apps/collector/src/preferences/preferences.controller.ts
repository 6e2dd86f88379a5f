import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { changeFor, readPreferencesToken, type PreferencesAccess, type Settings } from '#core';
import { LatestWorkspace, StoreError } from '#engine';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest, HttpResponse } from '../http.js';
import { sendPage } from '../pages/html-page.js';
import { preferencesNotice, preferencesPage, type Told } from './preferences-page.js';
import { readWishes } from './read-wishes.js';

/**
 * The preference centre: what a customer wants to be told, where, when and how often. Whoever has the link may see and
 * change it, and nothing else of her; GET never changes anything, since scanners follow every link of a mail.
 */
@Controller('u/p')
export class PreferencesController {
  constructor(
    @Inject(BACKBONE) private readonly backbone: CollectorBackbone,
    @Inject(LatestWorkspace) private readonly latest: LatestWorkspace,
  ) {}

  @Get(':token')
  async page(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    await this.answer(request, response, (access, settings) =>
      this.show(request, response, { access, settings, told: 'saved' in request.query ? 'saved' : null }),
    );
  }

  @Post(':token')
  async change(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    await this.answer(request, response, async (access, settings) => {
      const wishes = readWishes(request.body);
      if (wishes === 'same times') return this.show(request, response, { access, settings, told: wishes });
      await this.backbone.contacts.change(access, (view) => changeFor(view, wishes, settings));
      // So that going back or loading the page again sends nothing twice. From where the form stands.
      response.setHeader('Location', '?saved');
      response.status(303).end();
    });
  }

  private async show(
    request: HttpRequest,
    response: HttpResponse,
    { access, settings, told }: { access: PreferencesAccess; settings: Settings; told: Told },
  ): Promise<void> {
    const view = await this.backbone.contacts.view(access);
    const page = preferencesPage(view, settings, told, request.headers['accept-language']);
    sendPage(response, told === 'same times' ? 400 : 200, page);
  }

  private async answer(
    request: HttpRequest,
    response: HttpResponse,
    act: (access: PreferencesAccess, settings: Settings) => Promise<void>,
  ): Promise<void> {
    const { secret, clock, log } = this.backbone;
    const languages = request.headers['accept-language'];
    const access = readPreferencesToken(request.params['token'] ?? '', secret, clock.now());
    if (access === null) return sendPage(response, 404, preferencesNotice('unknown', languages));
    try {
      const published = await this.latest.get();
      if (published === null) return sendPage(response, 404, preferencesNotice('unknown', languages));
      await act(access, published.workspace.settings);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error('preferences could not be read or changed', { code: error.code, error: error.message });
      response.setHeader('Retry-After', '5');
      sendPage(response, 503, preferencesNotice('unavailable', languages));
    }
  }
}
