import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { CollectorBackbone } from './collector-backbone.js';
import { CollectorModule } from './collector.module.js';
import { answerUnreadableBodies } from './unreadable-body.js';

/** events.md: 500 KB a batch, and a little for what stands around the events. */
const BODY_LIMIT = '512kb';
/** Browsers' beacons say text/plain. */
const JSON_TYPES = ['application/json', 'text/plain', 'application/*+json'];

/** The collector, ready to listen. */
export async function createCollector(backbone: CollectorBackbone): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(CollectorModule.with(backbone), {
    logger: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.useBodyParser('json', { limit: BODY_LIMIT, type: JSON_TYPES, strict: false });
  app.useBodyParser('urlencoded', { limit: '16kb', extended: false });
  app.use(answerUnreadableBodies);
  return app;
}
