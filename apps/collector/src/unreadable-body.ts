import type { HttpRequest, HttpResponse } from './http.js';

/** Express hands the parser's errors on as they are; a client is told what to mend, and nothing of the inside. */
export function answerUnreadableBodies(
  error: unknown,
  _request: HttpRequest,
  response: HttpResponse,
  next: (error?: unknown) => void,
): void {
  const { type, message } = (error ?? {}) as { type?: string; message?: string };
  switch (type) {
    case 'entity.parse.failed':
      response.status(400).json({ success: false, message: `the body is not JSON: ${message}` });
      return;
    case 'entity.too.large':
      response
        .status(413)
        .json({ success: false, message: 'the body is larger than 500 KB; send the events in several requests' });
      return;
    case 'encoding.unsupported':
    case 'charset.unsupported':
      response.status(415).json({ success: false, message: 'the body must be JSON in UTF-8, plain or gzip' });
      return;
    default:
      if (error === undefined || error === null) next();
      else response.status(400).json({ success: false, message: 'the body could not be read' });
  }
}
