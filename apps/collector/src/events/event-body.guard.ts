import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest } from '../http.js';
import { RequestRefusedError } from '../request-refused-error.js';
import { contentType, isEventBody } from './event-body.js';

/** There is a body, and it was read as JSON. */
@Injectable()
export class EventBodyGuard implements CanActivate {
  constructor(@Inject(BACKBONE) private readonly backbone: CollectorBackbone) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<HttpRequest & { readonly url: string }>();
    // The parser makes an empty object of nothing.
    const empty =
      request.headers['content-length'] === '0' || (request.body === undefined && contentType(request) === '');
    if (request.body !== undefined && !empty) return true;
    this.backbone.metrics.eventsReceived('http', 'unreadable', 1);
    throw empty || isEventBody(request)
      ? new RequestRefusedError(400, 'the body is empty; send one call, or {"batch": [...]}, as JSON')
      : new RequestRefusedError(415, 'events come as JSON: set the header Content-Type to application/json');
  }
}
