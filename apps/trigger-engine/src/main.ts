import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openService, runService } from '#hosting';
import { createEngine } from './create-engine.js';
import { EngineServer } from './engine-server.js';
import { TriggerEngineModule } from './trigger-engine.module.js';

await runService('trigger-engine', async (settings) => {
  const { backbone, loaded } = await openService(settings, []);
  const engine = createEngine(backbone, loaded);
  const app = await NestFactory.create(TriggerEngineModule.with(engine, backbone.metrics), { logger: false });
  app.connectMicroservice({ strategy: new EngineServer(engine) });
  await app.startAllMicroservices();
  await app.listen(backbone.config.ops.port, backbone.config.ops.host);
  return async () => {
    await app.close();
    await backbone.close();
  };
});
