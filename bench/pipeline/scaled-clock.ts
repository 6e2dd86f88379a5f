import type { Clock } from '#engine';

/**
 * A clock on which a second of loading the topic is a quarter of an hour, so that waits of an hour end within the
 * recording. `stoppedAt` (real ms): it is that moment for ever after.
 */
export function scaledClock(origin: number, stoppedAt = Infinity): Clock {
  const at = (realMs: number): number => origin + (realMs - origin) * SPEED;
  return { at, now: () => at(Math.min(Date.now(), stoppedAt)) };
}

const SPEED = 900;
