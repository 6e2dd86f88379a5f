import { Module, type DynamicModule } from '@nestjs/common';
import { BACKBONE, type CollectorBackbone } from './collector-backbone.js';
import { CollectController } from './collect.controller.js';
import { UnsubscribeController } from './unsubscribe.controller.js';

/** HTTP in: Segment-compatible API, and the links of messages (`/u/*`). */
@Module({})
export class CollectorModule {
  static with(backbone: CollectorBackbone): DynamicModule {
    return {
      module: CollectorModule,
      controllers: [CollectController, UnsubscribeController],
      providers: [{ provide: BACKBONE, useValue: backbone }],
    };
  }
}
