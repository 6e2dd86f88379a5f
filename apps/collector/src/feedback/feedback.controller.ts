import { Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { readMailReport } from '#channels';
import { readFeedbackToken, type JsonObject } from '#core';
import { FeedbackRecorder, StoreError, type FeedbackFate } from '#engine';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import { WriteKeyGuard } from '../events/write-key.guard.js';
import type { HttpRequest } from '../http.js';
import { RequestRefusedError } from '../request-refused-error.js';

const RETRY_AFTER_S = 5;

export interface FeedbackTaken {
  readonly success: true;
  /** `ignored`: it is no report about a mail. */
  readonly result: FeedbackFate | 'ignored';
}

/**
 * Reports that come back by mail: the mail server pipes what arrives at the sender's address in here, as it is. Only who
 * has the mail has what stands in its header, so nobody can report on mails of others.
 */
@Controller('v1/feedback')
@UseGuards(WriteKeyGuard)
export class FeedbackController {
  constructor(
    @Inject(BACKBONE) private readonly backbone: CollectorBackbone,
    @Inject(FeedbackRecorder) private readonly recorder: FeedbackRecorder,
  ) {}

  @Post('mail')
  @HttpCode(200)
  async mail(@Req() request: HttpRequest): Promise<FeedbackTaken> {
    if (!(request.body instanceof Uint8Array) || request.body.length === 0)
      throw new RequestRefusedError(415, 'the body must be a mail as it arrived, with Content-Type: message/rfc822');
    const report = await readMailReport(request.body);
    if (report === null) return { success: true, result: 'ignored' };
    const { secret, clock, log } = this.backbone;
    const at = clock.now();
    const messageId = report.token === null ? null : readFeedbackToken(report.token, secret, at);
    if (messageId === null) return { success: true, result: 'unknown' };
    const { kind, bounce: reason, isAddressDead, recipient, code, fingerprint: copyOf } = report;
    const suppress = isAddressDead ? { address: recipient } : null;
    const detail: JsonObject = code === null ? {} : { code };
    try {
      const result = await this.recorder.record({ messageId, kind, at, reason, copyOf, detail, suppress });
      return { success: true, result };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error('a report about a mail could not be written down', { code: error.code, error: error.message });
      throw new RequestRefusedError(503, 'the report could not be written down; send it again', {
        headers: { 'Retry-After': String(RETRY_AFTER_S) },
        cause: error,
      });
    }
  }
}
