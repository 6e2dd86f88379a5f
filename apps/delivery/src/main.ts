import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openService, runService } from '#hosting';
import { CurrentDelivery } from './current-delivery.js';
import { DeliveryModule } from './delivery.module.js';

await runService('delivery', async (settings) => {
  const { backbone, loaded } = await openService(settings, ['secret']);
  const delivery = new CurrentDelivery(backbone, loaded, { secrets: settings.env, fallback: 'refuse' });
  const app = await NestFactory.create(DeliveryModule.with(delivery, backbone.metrics), { logger: false });
  await app.listen(backbone.config.ops.port, backbone.config.ops.host);
  return async () => {
    await app.close();
    await delivery.close();
    await backbone.close();
  };
});
