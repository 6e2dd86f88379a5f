import type { PlannedMessage } from '#core';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** delivery.md, Retries. */
const WAITS = [10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR];
const GIVE_UP_AFTER = 24 * HOUR;
const JITTER = 0.2;

/**
 * When to try again after a definite failure that may pass.
 * @param attempt attempts made so far, this one included
 * @param retryAfterMs what the provider asked for, ms
 * @param now ms of the clock port
 * @returns ms of the clock port; null: given up, the message expired or 24 hours are over
 */
export function retryAt(
  plan: PlannedMessage,
  attempt: number,
  retryAfterMs: number | null,
  now: number,
): number | null {
  const wait = WAITS[Math.min(attempt - 1, WAITS.length - 1)]!;
  const jittered = wait * (1 - JITTER + 2 * JITTER * Math.random());
  const at = Math.round(now + Math.max(jittered, retryAfterMs ?? 0));
  const end = Math.min(plan.expiresAt ?? Infinity, plan.plannedAt + GIVE_UP_AFTER);
  return at <= end ? at : null;
}
