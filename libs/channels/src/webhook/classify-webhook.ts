import type { SendResult } from '#engine';
import { PrivateAddressError } from '../http/public-addresses.js';
import { retryAfterMs } from '../http/retry-after.js';

const RECEIVER_CAN_TELL = 'the receiver can tell by webhook-id whether it has it';

/**
 * What an answer means: 2xx accepted; 408, 425, 429, 5xx temporary (with Retry-After, seconds or a date); everything
 * else permanent, redirects too: a signed body goes where it was meant to go and nowhere else.
 */
export function classifyAnswer(status: number, retryAfter: string | undefined, now: number): SendResult {
  if (status >= 200 && status < 300) return { kind: 'accepted', providerId: null, detail: `HTTP ${status}` };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: 'temporary', detail: `HTTP ${status}`, retryAfterMs: retryAfterMs(retryAfter, now) };
  }
  const detail = status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`;
  return { kind: 'permanent', detail, addressDead: false };
}

/** A failure without an answer: what it means depends on whether the request had begun to leave. */
export function classifyWebhookError(error: Error, begun: boolean): SendResult {
  const { code } = error as NodeJS.ErrnoException;
  const detail = code === undefined ? error.message : `${code}: ${error.message}`;
  if (begun) return { kind: 'unknown', detail: `no answer (${detail}); ${RECEIVER_CAN_TELL}` };
  if (error instanceof PrivateAddressError) return { kind: 'permanent', detail: error.message, addressDead: false };
  return { kind: 'temporary', detail, retryAfterMs: null, unreachable: true };
}
