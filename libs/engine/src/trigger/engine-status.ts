import type { PartitionProgress, PartitionState } from '../ports/observer.js';

/** How far the engine of a process is, for whoever waits for it. */
export type EngineStatus =
  | { readonly state: 'joining' }
  | {
      readonly state: 'starting';
      /** Partitions that are taken over and have their timers, of how many. */
      readonly partitions: { readonly ready: number; readonly of: number };
      /** So far. */
      readonly timers: number;
      /** 0 to 1, of all timers. */
      readonly share: number;
    }
  | {
      readonly state: 'catching up';
      readonly partitions: number;
      /** Not applied yet. */
      readonly records: number;
      /** Age of the log where the last partition stands, ms. */
      readonly delayMs: number;
    }
  | { readonly state: 'ready' }
  | { readonly state: 'standing'; readonly partition: number; readonly reason: string };

/** Records that came a moment ago are on their way, not a backlog. */
const BEHIND_MS = 10_000;

interface OwnedPartition {
  readonly progress: PartitionProgress | null;
  readonly loaded: number;
  readonly pendingTimers: number;
}

/** Of an idle shop nothing is known but that the log ends where it stands, however long ago that was. */
export function stateOf({ progress }: Pick<OwnedPartition, 'progress'>): PartitionState {
  if (progress === null) return 'starting';
  return (progress.lag ?? 0) > 0 && progress.delayMs > BEHIND_MS ? 'catching up' : 'ready';
}

export function statusOf(owned: readonly OwnedPartition[], troubles: ReadonlyMap<number, string>): EngineStatus {
  const [trouble] = troubles;
  if (trouble !== undefined) return { state: 'standing', partition: trouble[0], reason: trouble[1] };
  const starting = owned.filter(({ progress }) => progress === null);
  if (starting.length > 0) {
    return {
      state: 'starting',
      partitions: { ready: owned.length - starting.length, of: owned.length },
      timers: owned.reduce((sum, { pendingTimers }) => sum + pendingTimers, 0),
      share: owned.reduce((sum, { loaded }) => sum + loaded, 0) / owned.length,
    };
  }
  const behind = owned.filter((partition) => stateOf(partition) === 'catching up');
  if (behind.length === 0) return { state: 'ready' };
  return {
    state: 'catching up',
    partitions: behind.length,
    records: behind.reduce((sum, { progress }) => sum + (progress?.lag ?? 0), 0),
    delayMs: Math.max(...behind.map(({ progress }) => progress?.delayMs ?? 0)),
  };
}
