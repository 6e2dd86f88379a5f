import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openService, runService } from '#hosting';
import { createEngine } from './create-engine.js';
import { createHistory } from './create-history.js';
import { EngineServer } from './engine-server.js';
import { TriggerEngineModule } from './trigger-engine.module.js';

await runService('trigger-engine', async (settings) => {
  const { backbone, loaded } = await openService(settings, []);
  const engine = createEngine(backbone, loaded);
  const app = await NestFactory.create(TriggerEngineModule.with(engine, backbone.metrics), { logger: false });
  app.connectMicroservice({ strategy: new EngineServer(engine) });
  await app.startAllMicroservices();
  const history = createHistory(backbone);
  await history?.start();
  await app.listen(backbone.config.ops.port, backbone.config.ops.host);
  return async () => {
    await app.close();
    await history?.stop();
    await backbone.close();
  };
});
