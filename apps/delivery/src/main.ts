import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openService, runService } from '#hosting';
import { createDelivery } from './create-delivery.js';
import { DeliveryModule } from './delivery.module.js';

await runService('delivery', async (settings) => {
  const { backbone, loaded } = await openService(settings, ['secret']);
  const delivery = createDelivery(backbone, loaded, { secrets: settings.env, fallback: 'refuse' });
  const app = await NestFactory.create(DeliveryModule.with(delivery.worker, backbone.metrics), { logger: false });
  await app.listen(backbone.config.ops.port, backbone.config.ops.host);
  return async () => {
    await app.close();
    await delivery.close();
    await backbone.close();
  };
});
