import { Module, type DynamicModule } from '@nestjs/common';
import type { TriggerEngine } from '#engine';
import { OpsModule, type Metrics } from '#observability';
import type { CurrentDelivery } from '../../delivery/src/current-delivery.js';
import { deliveryReadiness, DeliveryModule } from '../../delivery/src/delivery.module.js';
import { engineReadiness } from '../../trigger-engine/src/trigger-engine.module.js';

/** Delivery and the health of all services of the one process; the engine is hosted as its microservice. */
@Module({})
export class StandaloneModule {
  /** @param hostDelivery false: the worker is driven by somebody else (a replay) */
  static with(
    engine: TriggerEngine,
    delivery: CurrentDelivery,
    metrics: Metrics,
    hostDelivery: boolean,
  ): DynamicModule {
    const checks = [() => engineReadiness(engine), () => deliveryReadiness(delivery)];
    const hosted = hostDelivery ? [DeliveryModule.with(delivery, null)] : [];
    return { module: StandaloneModule, imports: [OpsModule.with(metrics, checks), ...hosted] };
  }
}
