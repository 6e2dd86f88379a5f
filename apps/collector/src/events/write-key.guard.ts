import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest } from '../http.js';
import { RequestRefusedError } from '../request-refused-error.js';
import { sameSecret } from '../same-secret.js';

/** The write key as Basic user, or as `writeKey` in the body, where browsers put it. */
@Injectable()
export class WriteKeyGuard implements CanActivate {
  constructor(@Inject(BACKBONE) private readonly backbone: CollectorBackbone) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers, body } = context.switchToHttp().getRequest<HttpRequest>();
    const key = basicUser(String(headers['authorization'] ?? '')) ?? keyIn(body);
    if (key !== null && sameSecret(key, this.backbone.writeKey)) return true;
    this.backbone.metrics.eventsReceived('http', 'unauthorized', 1);
    throw new RequestRefusedError(
      401,
      key === null
        ? 'a write key is missing: send it as the user of HTTP Basic authentication, with an empty password'
        : 'this write key is not known here; `npm start` prints the right one, KAIROS_WRITE_KEY sets it',
      { headers: { 'WWW-Authenticate': 'Basic realm="Kairos write key"' } },
    );
  }
}

function basicUser(authorization: string): string | null {
  const match = /^basic ([a-z0-9+/=_-]+)$/i.exec(authorization);
  return match === null ? null : Buffer.from(match[1]!, 'base64').toString('utf8').split(':', 1)[0]!;
}

function keyIn(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, 'writeKey')) return null;
  const { writeKey } = body as { writeKey: unknown };
  return typeof writeKey === 'string' ? writeKey : null;
}
