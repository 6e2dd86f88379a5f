import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { OpsModule, type Metrics, type Readiness } from '#observability';
import type { CurrentDelivery } from './current-delivery.js';

const DELIVERY = Symbol('delivery');

/** Starts delivery with the process and lets it finish what is in flight when the process ends. */
class DeliveryHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(DELIVERY) private readonly delivery: CurrentDelivery) {}

  onApplicationBootstrap(): void {
    this.delivery.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.delivery.stop();
  }
}

@Module({})
export class DeliveryModule {
  /** @param metrics null where another module of the process serves health and metrics */
  static with(delivery: CurrentDelivery, metrics: Metrics | null): DynamicModule {
    return {
      module: DeliveryModule,
      imports: metrics === null ? [] : [OpsModule.with(metrics, [() => deliveryReadiness(delivery)])],
      providers: [{ provide: DELIVERY, useValue: delivery }, DeliveryHost],
    };
  }
}

export function deliveryReadiness({ trouble }: CurrentDelivery): Readiness {
  return { name: 'delivery', state: trouble === null ? 'ready' : 'not ready', trouble };
}
