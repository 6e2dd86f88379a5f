import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { BACKBONE, type CollectorBackbone } from './collector-backbone.js';
import type { HttpResponse } from './http.js';
import { RequestRefusedError } from './request-refused-error.js';

/** Every answer that is not 2xx, as JSON; what nobody foresaw says nothing of the inside. */
@Catch()
export class RefusalFilter implements ExceptionFilter {
  constructor(@Inject(BACKBONE) private readonly backbone: CollectorBackbone) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<HttpResponse>();
    if (response.headersSent) return response.end();
    const { status, message, details } = this.refusalOf(error);
    for (const [name, value] of Object.entries(details.headers ?? {})) response.setHeader(name, value);
    response.status(status).json({ success: false, message, ...details.body });
  }

  private refusalOf(error: unknown): RequestRefusedError {
    if (error instanceof RequestRefusedError) return error;
    if (error instanceof HttpException) {
      const status = error.getStatus();
      if (status === 404) return new RequestRefusedError(404, 'nothing is here; events go to POST /v1/batch');
      if (status < 500) return new RequestRefusedError(status, 'the request could not be read');
    }
    this.backbone.log.error('a request failed for a reason that nobody foresaw', describe(error));
    return new RequestRefusedError(500, 'something went wrong here; send the request again', { cause: error });
  }
}

/** Without the message: it may quote what the client sent. */
function describe(error: unknown): { readonly [field: string]: unknown } {
  if (!(error instanceof Error)) return { error: typeof error };
  const places = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { error: error.name, at: places?.slice(0, 3).map((line) => line.trim()) };
}
