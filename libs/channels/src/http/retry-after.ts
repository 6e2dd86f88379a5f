/** Longer than any retry of ours would wait. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** `Retry-After` (RFC 9110, 10.2.3), seconds or a date, as ms from `now`; null where it says nothing. At most a day. */
export function retryAfterMs(value: string | number | null | undefined, now: number): number | null {
  if (value === undefined || value === null) return null;
  const wait = /^\s*\d+\s*$/.test(String(value)) ? Number(value) * 1000 : Date.parse(String(value)) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS) : null;
}
