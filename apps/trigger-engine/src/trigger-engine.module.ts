import { Module, type DynamicModule } from '@nestjs/common';
import type { EngineStatus, TriggerEngine } from '#engine';
import { OpsModule, type Metrics, type Readiness } from '#observability';

/** Health and metrics of the engine; the engine itself is hosted by `EngineServer`. */
@Module({})
export class TriggerEngineModule {
  static with(engine: TriggerEngine, metrics: Metrics): DynamicModule {
    return { module: TriggerEngineModule, imports: [OpsModule.with(metrics, [() => engineReadiness(engine)])] };
  }
}

export function engineReadiness(engine: TriggerEngine): Readiness {
  const { status, waitingFor } = engine;
  const name = 'trigger-engine';
  if (status.state === 'standing')
    return { name, state: 'not ready', trouble: `partition ${status.partition}: ${status.reason}` };
  if (status.state === 'joining') return { name, state: 'starting', trouble: waitingFor };
  if (waitingFor !== null) return { name, state: 'not ready', trouble: waitingFor };
  switch (status.state) {
    case 'starting':
      return { name, state: 'starting', ...starting(status) };
    case 'catching up':
      return { name, state: 'catching up', ...catchingUp(status) };
    case 'ready':
      return { name, state: 'ready', trouble: null };
  }
}

type Of<State extends EngineStatus['state']> = EngineStatus & { readonly state: State };

function starting({ partitions, timers, share }: Of<'starting'>): Pick<Readiness, 'trouble' | 'progress'> {
  const percent = Math.floor(share * 100);
  return {
    trouble: `loading timers: ${percent} %, ${timers} so far, ${partitions.ready} of ${partitions.of} partitions have theirs`,
    progress: { percent, timers, partitionsReady: partitions.ready, partitions: partitions.of },
  };
}

function catchingUp({ partitions, records, delayMs }: Of<'catching up'>): Pick<Readiness, 'trouble' | 'progress'> {
  const seconds = Math.round(delayMs / 1000);
  return {
    trouble: `catching up: ${records} records in ${partitions} partitions are to be applied; the log is applied as it was ${seconds} s ago`,
    progress: { records, seconds, partitions },
  };
}
