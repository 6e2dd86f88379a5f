import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { BACKBONE, type CollectorBackbone } from '../collector-backbone.js';
import type { HttpRequest } from '../http.js';
import { RequestRefusedError } from '../request-refused-error.js';
import { contentType, isEventBody } from './event-body.js';
import { emptyBody } from './unreadable-body.js';

/** There is a body, and it was read as JSON. */
@Injectable()
export class EventBodyGuard implements CanActivate {
  constructor(@Inject(BACKBONE) private readonly backbone: CollectorBackbone) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<HttpRequest & { readonly url: string }>();
    if (request.body !== undefined) return true;
    this.backbone.metrics.eventsReceived('http', 'unreadable', 1);
    const type = contentType(request);
    if (type === '' || isEventBody(request)) throw emptyBody();
    throw new RequestRefusedError(415, 'events come as JSON: set the header Content-Type to application/json');
  }
}
