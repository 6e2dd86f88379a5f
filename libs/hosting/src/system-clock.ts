import type { Clock } from '#engine';

/** The clock of production: every instant stands for itself. */
export const systemClock: Clock = { at: (realMs) => realMs, now: () => Date.now() };
