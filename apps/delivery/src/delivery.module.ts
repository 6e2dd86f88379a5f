import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { DeliveryWorker } from '#engine';
import { OpsModule, type Metrics } from '#observability';

const WORKER = Symbol('delivery worker');

/** Starts the worker with the process and lets it finish what is in flight when the process ends. */
class DeliveryHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(WORKER) private readonly worker: DeliveryWorker) {}

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }
}

@Module({})
export class DeliveryModule {
  /** @param metrics null where another module of the process serves health and metrics */
  static with(worker: DeliveryWorker, metrics: Metrics | null): DynamicModule {
    return {
      module: DeliveryModule,
      imports: metrics === null ? [] : [OpsModule.with(metrics, [() => deliveryReadiness(worker)])],
      providers: [{ provide: WORKER, useValue: worker }, DeliveryHost],
    };
  }
}

export function deliveryReadiness(worker: DeliveryWorker): { name: string; trouble: string | null } {
  return { name: 'delivery', trouble: worker.trouble };
}
