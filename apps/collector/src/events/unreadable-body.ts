import type { Metrics } from '#observability';
import type { HttpRequest, HttpResponse } from '../http.js';
import { RequestRefusedError } from '../request-refused-error.js';
import { BODY_LIMIT_BYTES } from './event-body.js';

/** What Express' body parser throws. */
interface ParserError {
  readonly type?: string;
  readonly message?: string;
}

type Next = (error?: unknown) => void;

/** Turns the parser's errors into sentences: they quote the body and name the parser. */
export function unreadableBodies(metrics: Metrics) {
  return (error: unknown, request: HttpRequest, _response: HttpResponse, next: Next): void => {
    // Reports of providers and mailboxes are no events.
    if (/^\/v1\/(?!feedback\/)/i.test(request.path)) metrics.eventsReceived('http', 'unreadable', 1);
    next(explain(error ?? {}));
  };
}

function explain({ type, message }: ParserError): RequestRefusedError {
  switch (type) {
    case 'entity.parse.failed': {
      const position = /position (\d+)/.exec(message ?? '')?.[1];
      const where = position === undefined ? '' : `; look at character ${Number(position) + 1}`;
      return new RequestRefusedError(400, `the body is not JSON${where}`);
    }
    case 'entity.too.large':
      return new RequestRefusedError(
        413,
        `the body is larger than ${BODY_LIMIT_BYTES} bytes; send the events in several requests`,
      );
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new RequestRefusedError(415, 'the body must be JSON in UTF-8, plain or compressed with gzip');
    default:
      return new RequestRefusedError(400, 'the body could not be read: it is incomplete or not compressed as it says');
  }
}
