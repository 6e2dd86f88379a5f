import { setTimeout as pause } from 'node:timers/promises';
import { WaitedInVainError } from './waited-in-vain-error.js';

const LOOK_EVERY_MS = 20;

/**
 * Looks again and again until `look` returns something true, and returns that. For signals that only asking can show (a row, a group's
 * state); what can be heard is waited for with `Arrivals`. A `look` that throws is asked again. Throws WaitedInVainError after `limitMs`.
 */
export async function waitUntil<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs = 90_000,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    let last: unknown;
    let failure: unknown;
    try {
      last = await look();
      if (last) return last as Exclude<T, false | null | undefined | 0 | ''>;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) {
      const seen = failure instanceof Error ? failure.message : String(last);
      throw new WaitedInVainError(what, limitMs, seen, failure);
    }
    await pause(LOOK_EVERY_MS);
  }
}
