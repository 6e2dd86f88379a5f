import { createHash } from 'node:crypto';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { isMachine, readClickToken, readOpenToken } from '#core';
import { FeedbackRecorder, type Feedback } from '#engine';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest, HttpResponse } from '../http.js';
import { sendPage } from '../pages/html-page.js';
import { preferencesNotice } from '../preferences/preferences-page.js';

/** One pixel, transparent. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
/** A double click, or a page that is loaded again, is one. */
const ONE_CLICK_MS = 10_000;
const ONE_OPEN_MS = 60_000;

/**
 * The links and the picture by which clicks and opens are noticed. Where a link leads stands inside its signature, so it
 * is no open redirect; nobody waits for what is written down, and where that fails the link leads on all the same.
 */
@Controller()
export class TrackingController {
  constructor(
    @Inject(BACKBONE) private readonly backbone: CollectorBackbone,
    @Inject(FeedbackRecorder) private readonly recorder: FeedbackRecorder,
  ) {}

  @Get('c/:token')
  click(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    const { secret, clock } = this.backbone;
    const link = readClickToken(request.params['token'] ?? '', secret, clock.now());
    if (link === null) return sendPage(response, 404, preferencesNotice('unknown', request.headers['accept-language']));
    for (const [name, value] of [
      ['Location', link.target],
      ['Cache-Control', 'no-store'],
      ['Referrer-Policy', 'no-referrer'],
      ['X-Robots-Tag', 'noindex'],
    ] as const)
      response.setHeader(name, value);
    response.status(302).end();
    const hash = createHash('sha256').update(link.target).digest('base64url').slice(0, 8);
    this.note(request, link.messageId, { kind: 'clicked', copy: hash, withinMs: ONE_CLICK_MS, link: link.target });
  }

  @Get('o/:token')
  open(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    const { secret, clock } = this.backbone;
    const messageId = readOpenToken(request.params['token'] ?? '', secret, clock.now());
    response.setHeader('Cache-Control', 'no-store, private');
    response
      .status(messageId === null ? 404 : 200)
      .type('image/gif')
      .send(PIXEL);
    if (messageId !== null)
      this.note(request, messageId, { kind: 'opened', copy: '', withinMs: ONE_OPEN_MS, link: null });
  }

  private note(
    request: HttpRequest,
    messageId: string,
    what: { kind: 'opened' | 'clicked'; copy: string; withinMs: number; link: string | null },
  ): void {
    const { clock, log } = this.backbone;
    const at = clock.now();
    const { kind, copy, withinMs, link } = what;
    const machine = isMachine({ kind, method: request.method, headers: request.headers });
    const reason = machine ? (kind === 'opened' ? 'machine' : 'bot') : null;
    const feedback: Feedback = {
      messageId,
      kind,
      at,
      reason,
      copyOf: `${copy}${Math.floor(at / withinMs)}`,
      detail: link === null ? {} : { link },
      suppress: null,
    };
    this.recorder.record(feedback).catch((error: unknown) => {
      log.warn('that a message was opened or clicked could not be written down', { kind, error: String(error) });
    });
  }
}
