import { All, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { isUserSignature } from '#core';
import { FeedbackRecorder, StoreError, type InboxEntry } from '#engine';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest, HttpResponse } from '../http.js';
import { RequestRefusedError } from '../request-refused-error.js';

const MOST_ENTRIES = 100;
const PAGE = 20;
/** The shop's pages may come from anywhere; what is allowed is in the token, never in a cookie. */
const HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Cache-Control': 'no-store',
};

/**
 * What the storefront reads: the messages of the inbox of one customer. `Authorization: Bearer ID.SIGNATURE`, the id in
 * base64url, the signature of it by the shop's server (`userSignature`): a browser reads its own customer's and no others.
 */
@Controller('v1/inbox')
export class InboxController {
  constructor(
    @Inject(BACKBONE) private readonly backbone: CollectorBackbone,
    @Inject(FeedbackRecorder) private readonly recorder: FeedbackRecorder,
  ) {}

  @Get()
  async page(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const customer = this.customerOf(request, response);
    const after = request.query['after'];
    const limit = request.query['limit'] === undefined ? PAGE : Number(request.query['limit']);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ENTRIES)
      throw new RequestRefusedError(400, `limit is a whole number from 1 to ${MOST_ENTRIES}`);
    const { entries, unread, next } = await this.asked(() =>
      this.backbone.inbox.page(customer, typeof after === 'string' ? after : null, limit),
    );
    response.json({ messages: entries.map(toJson), unread, next });
  }

  @Post('read')
  @HttpCode(200)
  async read(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const customer = this.customerOf(request, response);
    const ids = idsIn(request.body);
    if (ids === undefined)
      throw new RequestRefusedError(
        400,
        `send {"ids": [...]} with at most ${MOST_ENTRIES} ids, or {"all": true}, as JSON`,
      );
    response.json({ read: await this.asked(() => this.markRead(customer, ids)) });
  }

  /** Told before it is marked: what a broken process has told already is a copy when it is told again. */
  private async markRead(customer: string, ids: readonly string[] | null): Promise<readonly string[]> {
    const { inbox, clock } = this.backbone;
    const unread = await inbox.unread(customer, ids);
    const opened = {
      kind: 'opened',
      channel: 'inbox',
      at: clock.now(),
      reason: null,
      copyOf: 'inbox',
      detail: {},
      suppress: null,
    } as const;
    await Promise.all(unread.map((messageId) => this.recorder.record({ ...opened, messageId })));
    return inbox.markRead(customer, unread);
  }

  @All(['', 'read'])
  other(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    setHeaders(response);
    if (request.method !== 'OPTIONS')
      throw new RequestRefusedError(405, 'messages are read by GET /v1/inbox and marked by POST /v1/inbox/read');
    response.status(204).end();
  }

  private customerOf({ headers }: HttpRequest, response: HttpResponse): string {
    setHeaders(response);
    const [, id = '', signature = ''] =
      /^bearer ([\w-]{1,1400})\.([0-9a-f]{64})$/i.exec(String(headers['authorization'] ?? '')) ?? [];
    const customer = Buffer.from(id, 'base64url').toString('utf8');
    if (customer !== '' && isUserSignature(customer, signature.toLowerCase(), this.backbone.writeKey)) return customer;
    throw new RequestRefusedError(
      401,
      'send Authorization: Bearer and the customer, as ID.SIGNATURE: her id in base64url, and its HMAC-SHA256 with the server write key in hexadecimal',
      { headers: { 'WWW-Authenticate': 'Bearer' } },
    );
  }

  private async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.backbone.log.error('an inbox could not be read', { code: error.code, error: error.message });
      throw new RequestRefusedError(503, 'the inbox cannot be read just now; ask again', {
        headers: { 'Retry-After': '5' },
        cause: error,
      });
    }
  }
}

function setHeaders(response: HttpResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}

/** null: all; undefined: neither. */
function idsIn(body: unknown): readonly string[] | null | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  if ('all' in body && body.all === true) return null;
  if (!('ids' in body) || !Array.isArray(body.ids) || body.ids.length > MOST_ENTRIES) return undefined;
  const ids = body.ids as readonly unknown[];
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}

function toJson({ id, category, title, text, at, readAt }: InboxEntry): object {
  const read_at = readAt === null ? null : new Date(readAt).toISOString();
  return { id, category, title, text, at: new Date(at).toISOString(), read_at };
}
