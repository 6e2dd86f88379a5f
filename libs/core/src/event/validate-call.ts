import type { EventProblem } from './read-event.js';

/**
 * What can never succeed about a call that a client makes: null when it is fine. `type` must already be set (the
 * single-call paths imply it). The limit of 32 KB an event is the caller's, which has the bytes.
 */
export function validateCall(json: unknown): EventProblem | null {
  throw new Error(`not yet: ${String(json)}`);
}
