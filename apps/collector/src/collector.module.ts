import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Secrets } from '#channels';
import { FeedbackRecorder, LatestWorkspace } from '#engine';
import { BACKBONE, type CollectorBackbone } from './collector-backbone.js';
import { CollectController } from './events/collect.controller.js';
import { EventCollector } from './events/event-collector.js';
import { FeedbackController } from './feedback/feedback.controller.js';
import { ProviderFeedbackController } from './feedback/provider-feedback.controller.js';
import { ProviderSecrets } from './feedback/provider-secrets.js';
import { InboxController } from './inbox/inbox.controller.js';
import { OtherMethodsController } from './other-methods.controller.js';
import { PreferencesController } from './preferences/preferences.controller.js';
import { RefusalFilter } from './refusal.filter.js';
import { TrackingController } from './tracking/tracking.controller.js';
import { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';

/** HTTP in: Segment-compatible API, and the links of messages (`/u/*`). */
@Module({})
export class CollectorModule {
  static with(backbone: CollectorBackbone, answerWithinMs: number, secrets: Secrets): DynamicModule {
    const latest = new LatestWorkspace(backbone.rulesets);
    return {
      module: CollectorModule,
      controllers: [
        CollectController,
        InboxController,
        UnsubscribeController,
        PreferencesController,
        TrackingController,
        FeedbackController,
        ProviderFeedbackController,
        OtherMethodsController,
      ],
      providers: [
        { provide: BACKBONE, useValue: backbone },
        { provide: LatestWorkspace, useValue: latest },
        { provide: FeedbackRecorder, useValue: new FeedbackRecorder(backbone.feedback, latest) },
        { provide: ProviderSecrets, useValue: new ProviderSecrets(latest, secrets) },
        { provide: EventCollector, useValue: new EventCollector(backbone, answerWithinMs) },
        { provide: APP_FILTER, useClass: RefusalFilter },
      ],
    };
  }
}
