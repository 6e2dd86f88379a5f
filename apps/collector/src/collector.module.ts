import { Module, type DynamicModule } from '@nestjs/common';
import type { Clock, ContactBook, EventStream, Log } from '#engine';
import type { Metrics } from '#observability';
import { CollectController } from './collect.controller.js';
import { UnsubscribeController } from './unsubscribe.controller.js';

/** What the collector needs of the installation it stands in. */
export interface CollectorBackbone {
  readonly stream: EventStream;
  readonly contacts: ContactBook;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The server write key; events come with it as Basic user. */
  readonly writeKey: string;
  /** Signs links. */
  readonly secret: string;
}

export const BACKBONE = Symbol('collector backbone');

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
