import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BACKBONE, type CollectorBackbone } from './collector-backbone.js';
import { CollectController } from './events/collect.controller.js';
import { EventCollector } from './events/event-collector.js';
import { InboxController } from './inbox/inbox.controller.js';
import { OtherMethodsController } from './other-methods.controller.js';
import { RefusalFilter } from './refusal.filter.js';
import { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';

/** HTTP in: Segment-compatible API, and the links of messages (`/u/*`). */
@Module({})
export class CollectorModule {
  static with(backbone: CollectorBackbone, answerWithinMs: number): DynamicModule {
    return {
      module: CollectorModule,
      controllers: [CollectController, InboxController, UnsubscribeController, OtherMethodsController],
      providers: [
        { provide: BACKBONE, useValue: backbone },
        { provide: EventCollector, useValue: new EventCollector(backbone, answerWithinMs) },
        { provide: APP_FILTER, useClass: RefusalFilter },
      ],
    };
  }
}
