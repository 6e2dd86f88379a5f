import { createSign } from 'node:crypto';
import { Pool } from 'undici';
import { numberIn, textIn, toAnswer } from '../http/answers.js';
import { postOnce } from '../http/post-once.js';
import type { ServiceAccount } from './service-account.js';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const LIFE_SECONDS = 3_600;
/** A token is renewed so long before it ends, ms. */
const MARGIN_MS = 60_000;

/** No token: nothing was asked of FCM yet, so nothing can have been accepted. */
export class AccessTokenError extends Error {
  readonly code = 'access_token';
  readonly retryable = true;

  constructor(
    detail: string,
    readonly unreachable: boolean,
  ) {
    super(`no access token: ${detail}`);
    this.name = 'AccessTokenError';
  }
}

/**
 * The OAuth token of a service account, by a signed JWT (https://developers.google.com/identity/protocols/oauth2/service-account,
 * RFC 7523). Kept until a minute before it ends; who asks meanwhile waits for the same answer.
 */
export class AccessToken {
  private readonly pool: Pool;
  private readonly path: string;
  private current: { readonly token: string; readonly until: number } | null = null;
  private asking: Promise<string> | null = null;

  constructor(
    private readonly account: ServiceAccount,
    private readonly clock: { now(): number },
    private readonly withinMs: number,
  ) {
    const { origin, pathname, search } = new URL(account.tokenUri);
    this.path = pathname + search;
    this.pool = new Pool(origin, { connections: 1, connect: { timeout: withinMs } });
  }

  /** Throws AccessTokenError. */
  async get(): Promise<string> {
    if (this.current !== null && this.clock.now() < this.current.until) return this.current.token;
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  /** The one that was refused is not used again. */
  forget(token: string): void {
    if (this.current?.token === token) this.current = null;
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async ask(): Promise<string> {
    const now = this.clock.now();
    const form = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: this.assertion(Math.floor(now / 1000)),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const request = { path: this.path, headers, body: form.toString() };
    const outcome = await postOnce(this.pool, request, this.withinMs, 'body');
    if (outcome.kind === 'error') throw new AccessTokenError(outcome.error.message, true);
    const { status, json } = toAnswer(outcome, now);
    const token = textIn(json, 'access_token');
    if (status !== 200 || token === null)
      throw new AccessTokenError(`HTTP ${status}, ${textIn(json, 'error') ?? 'no error said'}`, false);
    const seconds = numberIn(json, 'expires_in') ?? LIFE_SECONDS;
    this.current = { token, until: now + seconds * 1000 - MARGIN_MS };
    return token;
  }

  private assertion(iat: number): string {
    const { email, tokenUri, privateKey } = this.account;
    const claims = { iss: email, scope: SCOPE, aud: tokenUri, iat, exp: iat + LIFE_SECONDS };
    const signed = [{ alg: 'RS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  }
}
