import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openServiceBackbone, runService } from '#hosting';
import { OpsModule, type Readiness } from '#observability';
import { createCollector } from './create-collector.js';

await runService('collector', async (settings) => {
  const backbone = await openServiceBackbone(settings, ['secret', 'writeKey']);
  const collector = await createCollector(backbone, { secrets: settings.env });
  await collector.listen(backbone.config.http.port, backbone.config.http.host);
  const check = async (): Promise<Readiness> => {
    const trouble = await backbone.stream.partitionCount().then(
      () => null,
      (error: Error) => error.message,
    );
    return { name: 'stream', state: trouble === null ? 'ready' : 'not ready', trouble };
  };
  const ops = await NestFactory.create(OpsModule.with(backbone.metrics, [check]), { logger: false });
  await ops.listen(backbone.config.ops.port, backbone.config.ops.host);
  return async () => {
    await collector.close();
    await ops.close();
    await backbone.close();
  };
});
