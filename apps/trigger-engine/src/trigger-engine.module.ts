import { Module, type DynamicModule } from '@nestjs/common';
import type { TriggerEngine } from '#engine';
import { OpsModule, type Metrics } from '#observability';

/** Health and metrics of the engine; the engine itself is hosted by `EngineServer`. */
@Module({})
export class TriggerEngineModule {
  static with(engine: TriggerEngine, metrics: Metrics): DynamicModule {
    return { module: TriggerEngineModule, imports: [OpsModule.with(metrics, [() => engineReadiness(engine)])] };
  }
}

export function engineReadiness(engine: TriggerEngine): { name: string; trouble: string | null } {
  const [trouble] = engine.troubles;
  return {
    name: 'trigger-engine',
    trouble: trouble === undefined ? engine.waitingFor : `partition ${trouble[0]}: ${trouble[1]}`,
  };
}
