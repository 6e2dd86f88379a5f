import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '#engine';

/**
 * A clock that stands still until it is told to go on, for demonstrations and tests: a week passes as fast as it can be
 * worked through. Real instants (of broker, database, host) are read as the step that was in force at that moment, so
 * between two steps nothing may be under way.
 */
export class SteppedClock implements Clock {
  private readonly steps: { readonly real: number; readonly shown: number }[];

  /** @param start ms since 1970 UTC that the clock shows first */
  constructor(start: number) {
    this.steps = [{ real: -Infinity, shown: start }];
  }

  at(realMs: number): number {
    for (let i = this.steps.length - 1; i >= 0; i--) if (this.steps[i]!.real <= realMs) return this.steps[i]!.shown;
    return this.steps[0]!.shown;
  }

  now(): number {
    return this.at(Date.now());
  }

  /** Shows `instant` (ms) from now on; an instant that has passed changes nothing. */
  async stepTo(instant: number): Promise<void> {
    if (instant <= this.steps.at(-1)!.shown) return;
    // Instants are told apart by the millisecond: what was before the step must lie in an earlier one, what comes after in a later.
    await pause(2);
    this.steps.push({ real: Date.now(), shown: instant });
    if (this.steps.length > 10_000) this.steps.splice(1, 5_000);
    await pause(2);
  }
}
