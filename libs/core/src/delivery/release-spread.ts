import { textFingerprint } from '../customer/text-hash.js';

/** 10 minutes. */
const SPREAD_MS = 600_000;

/**
 * ms, 0 to 10 minutes, to add to the end of quiet hours so that a provider is not flooded at 09:00:00; the same for a
 * message whenever it is asked. Live only: neither in simulation nor with `grace: 0 seconds` (delivery.md, 5).
 */
export function releaseSpread(messageId: string): number {
  return textFingerprint(messageId) % (SPREAD_MS + 1);
}
