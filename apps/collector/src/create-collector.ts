import { isUtf8 } from 'node:buffer';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { CollectorBackbone } from './collector-backbone.js';
import { CollectorModule } from './collector.module.js';
import {
  BODY_LIMIT_BYTES,
  FORM_LIMIT_BYTES,
  MAIL_LIMIT_BYTES,
  REPORT_LIMIT_BYTES,
  isEventBody,
  isForm,
  isProviderReport,
} from './events/event-body.js';
import { unreadableBodies } from './events/unreadable-body.js';

/**
 * Longer than proxies and clients keep idle connections, often 60 s: whoever closes first must be the one that does not
 * send, or requests are lost on the way.
 */
const KEEP_ALIVE_MS = 65_000;

export interface CollectorOptions {
  /** The stream's acknowledgement is waited for so long, ms. Default 8,000. */
  readonly answerWithinMs?: number;
  /** Values of the environment variables that kairos.yaml names as secrets: they sign what providers report. */
  readonly secrets?: { readonly [name: string]: string | undefined };
}

/** The collector, ready to listen. */
export async function createCollector(
  backbone: CollectorBackbone,
  { answerWithinMs = 8_000, secrets = {} }: CollectorOptions = {},
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    CollectorModule.with(backbone, answerWithinMs, secrets),
    {
      logger: false,
      bodyParser: false,
    },
  );
  app.getHttpServer().keepAliveTimeout = KEEP_ALIVE_MS;
  app.disable('x-powered-by');
  // Before the others: signatures are over the very bytes.
  app.useBodyParser('raw', { limit: REPORT_LIMIT_BYTES, type: isProviderReport });
  // Not strict: a body that is JSON but no object is told what it should be.
  const options = { limit: BODY_LIMIT_BYTES, type: isEventBody, strict: false, verify: refuseOtherEncodings };
  app.useBodyParser('json', options);
  app.useBodyParser('urlencoded', { limit: FORM_LIMIT_BYTES, type: isForm, extended: false });
  app.useBodyParser('raw', { limit: MAIL_LIMIT_BYTES, type: 'message/rfc822' });
  app.use(unreadableBodies(backbone.metrics));
  return app;
}

/** Read as UTF-8, bytes of another encoding would all become one sign: two customers could become one. */
function refuseOtherEncodings(_request: unknown, _response: unknown, body: Buffer): void {
  if (!isUtf8(body)) throw Object.assign(new Error('not UTF-8'), { type: 'charset.unsupported' });
}
