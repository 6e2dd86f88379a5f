import { Controller, Get, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import {
  isFromTwilio,
  isFromViber,
  isFromWhatsApp,
  readTwilioStatus,
  readViberCallback,
  readWhatsAppCallback,
  type ProviderReport,
} from '#channels';
import { readFeedbackToken, type Channel } from '#core';
import { FeedbackRecorder, StoreError, type FeedbackFate } from '#engine';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest } from '../http.js';
import { RequestRefusedError } from '../request-refused-error.js';
import { sameSecret } from '../same-secret.js';
import { ProviderSecrets } from './provider-secrets.js';

const RETRY_AFTER_S = 5;
const TELL_EVERY_MS = 10 * 60_000;
/** What became of a message can be told before it is written down that it was taken. */
const TOO_FRESH_MS = 60_000;
/** Providers try for a week at most; what is older somebody has kept to send it again. */
const OLDEST_MS = 30 * 86_400_000;

export interface ReportsTaken {
  readonly success: true;
  /** One for each report about a message; `ignored`: it is older than 30 days. */
  readonly results: readonly (FeedbackFate | 'ignored')[];
}

/**
 * What providers tell of messages they took. Each signs with a secret that kairos.yaml names; what is not signed, or
 * signed with another, is refused.
 */
@Controller('v1/feedback')
export class ProviderFeedbackController {
  private readonly told = new Map<string, number>();

  constructor(
    @Inject(BACKBONE) private readonly backbone: CollectorBackbone,
    @Inject(FeedbackRecorder) private readonly recorder: FeedbackRecorder,
    @Inject(ProviderSecrets) private readonly secrets: ProviderSecrets,
  ) {}

  @Post('twilio')
  @HttpCode(200)
  async twilio(@Req() request: HttpRequest): Promise<ReportsTaken> {
    const { config, secret, clock } = this.backbone;
    const token = await this.secret(
      'twilio',
      this.secrets.of('twilio', (chosen) => chosen.token),
    );
    const body = bytesOf(request).toString('utf8');
    const url = config.publicUrl + request.originalUrl;
    const signature = headerOf(request, 'x-twilio-signature');
    if (!isFromTwilio({ url, body, signature }, token)) throw this.forged('twilio');
    const messageId = readFeedbackToken(asked(request, 'm'), secret, clock.now());
    const report = messageId === null ? null : readTwilioStatus(body, messageId);
    return this.take('sms', report === null ? [] : [report]);
  }

  /** WhatsApp asks so once, when the address is entered there. */
  @Get('whatsapp')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  async proveWhatsApp(@Req() request: HttpRequest): Promise<string> {
    const expected = await this.secret(
      'whatsapp',
      this.secrets.of('whatsapp', (chosen) => chosen.verifyToken),
    );
    const challenge = asked(request, 'hub.challenge');
    const isRight =
      asked(request, 'hub.mode') === 'subscribe' && sameSecret(asked(request, 'hub.verify_token'), expected);
    if (!isRight || !/^\w{1,100}$/.test(challenge)) throw this.forged('whatsapp');
    return challenge;
  }

  @Post('whatsapp')
  @HttpCode(200)
  async whatsapp(@Req() request: HttpRequest): Promise<ReportsTaken> {
    const appSecret = await this.secret(
      'whatsapp',
      this.secrets.of('whatsapp', (chosen) => chosen.appSecret),
    );
    const body = bytesOf(request);
    if (!isFromWhatsApp(body, headerOf(request, 'x-hub-signature-256'), appSecret)) throw this.forged('whatsapp');
    return this.take('whatsapp', readWhatsAppCallback(jsonOf(body)));
  }

  @Post('viber')
  @HttpCode(200)
  async viber(@Req() request: HttpRequest): Promise<ReportsTaken> {
    const token = await this.secret(
      'viber',
      this.secrets.of('viber', (chosen) => chosen.token),
    );
    const body = bytesOf(request);
    if (!isFromViber(body, headerOf(request, 'x-viber-content-signature'), token)) throw this.forged('viber');
    const report = readViberCallback(body.toString('utf8'));
    const taken = await this.take('viber', report === null ? [] : [report]);
    const age = report?.at == null ? Infinity : this.backbone.clock.now() - report.at;
    // Viber asks again for an hour; it names messages only as it did when it took them.
    if (taken.results[0] === 'unknown' && age < TOO_FRESH_MS) throw tryAgain('this message is not known yet');
    return taken;
  }

  private async take(channel: Channel, reports: readonly ProviderReport[]): Promise<ReportsTaken> {
    try {
      const asked = reports.flatMap(({ message }) => ('providerId' in message ? [message.providerId] : []));
      const ids = await this.backbone.feedback.byProviderIds(channel, asked);
      const results = await Promise.all(reports.map((report) => this.record(channel, report, ids)));
      return { success: true, results };
    } catch (error) {
      throw error instanceof StoreError ? this.unwritten(error) : error;
    }
  }

  private record(
    channel: Channel,
    { message, kind, bounce, isAddressDead, at, code, copyOf }: ProviderReport,
    ids: ReadonlyMap<string, string>,
  ): Promise<FeedbackFate | 'ignored'> {
    const now = this.backbone.clock.now();
    if (at !== null && at < now - OLDEST_MS) return Promise.resolve('ignored');
    const messageId = 'id' in message ? message.id : ids.get(message.providerId);
    if (messageId === undefined) return Promise.resolve('unknown');
    return this.recorder.record({
      messageId,
      kind,
      channel,
      // Their clocks are not ours: nothing has happened that is still to come.
      at: Math.min(at ?? now, now),
      reason: bounce,
      copyOf,
      detail: code === null ? {} : { code },
      suppress: isAddressDead ? { address: null } : null,
    });
  }

  /** The secret that signs. Throws what to mend where there is none. */
  private async secret(kind: string, asked: Promise<string | null>): Promise<string> {
    const secret = await asked.catch((error: unknown) => {
      throw error instanceof StoreError ? this.unwritten(error) : error;
    });
    if (secret !== null) return secret;
    this.tell('a provider reported, but the secret that it signs with is not known here', kind);
    throw new RequestRefusedError(
      404,
      `no provider of the kind ${kind} whose signature could be checked: kairos.yaml names its secret, and this process needs it in its environment`,
    );
  }

  private forged(kind: string): RequestRefusedError {
    this.tell('a report was not signed with the secret of its provider, or for another KAIROS_PUBLIC_URL', kind);
    return new RequestRefusedError(403, `this was not signed with the secret of ${kind}`);
  }

  /** Anybody may ask for it: once in a while is enough. */
  private tell(message: string, kind: string): void {
    const now = this.backbone.clock.now();
    if (now - (this.told.get(message + kind) ?? -Infinity) < TELL_EVERY_MS) return;
    this.told.set(message + kind, now);
    this.backbone.log.warn(message, { kind });
  }

  private unwritten(error: StoreError): RequestRefusedError {
    this.backbone.log.error('what a provider reported could not be written down', {
      code: error.code,
      error: error.message,
    });
    return tryAgain('the report could not be written down', error);
  }
}

function tryAgain(why: string, cause?: unknown): RequestRefusedError {
  return new RequestRefusedError(503, `${why}; send it again`, {
    headers: { 'Retry-After': String(RETRY_AFTER_S) },
    cause,
  });
}

function bytesOf({ body }: HttpRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function headerOf({ headers }: HttpRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function asked({ query }: HttpRequest, name: string): string {
  const value = query[name];
  return typeof value === 'string' ? value : '';
}
