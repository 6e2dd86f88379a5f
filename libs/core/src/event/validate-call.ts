import { readEvent, type EventProblem } from './read-event.js';

/** Deeper than any shop needs, and shallow enough for every reader behind. */
const MAX_DEPTH = 64;
const MAX_ID_CHARACTERS = 255;

/** Whose call it is, or what can never succeed about it. */
export type CheckedCall = { readonly ok: true; readonly customer: string } | ({ readonly ok: false } & EventProblem);

/**
 * Checks a call that a client makes. `type` must already be set (the single-call paths imply it). The limit of 32 KB an
 * event is the caller's, which has the bytes.
 */
export function validateCall(json: unknown): CheckedCall {
  const reading = readEvent(json, { append: 0, fallbackId: '', historical: false });
  if (!reading.ok) return reading;
  const { customer, id } = reading.event;
  if (customer.length > MAX_ID_CHARACTERS) return tooLong(namesUser(json) ? 'userId' : 'anonymousId');
  if (id.length > MAX_ID_CHARACTERS) return tooLong('messageId');
  const deep = tooDeep(json);
  if (deep !== null) return { ok: false, field: deep, reason: `is nested deeper than ${MAX_DEPTH} levels` };
  return { ok: true, customer };
}

function tooLong(field: string): CheckedCall {
  return { ok: false, field, reason: `is longer than ${MAX_ID_CHARACTERS} characters` };
}

function namesUser(json: unknown): boolean {
  const { userId } = json as { userId?: unknown };
  return typeof userId === 'string' && userId !== '';
}

/** The top-level field that is too deep; null where none is. Without recursion: the depth comes from outside. */
function tooDeep(json: unknown): string | null {
  for (const [field, value] of Object.entries(json as object)) {
    let level: unknown[] = [value];
    for (let depth = 1; level.length > 0; depth++) {
      if (depth > MAX_DEPTH) return field;
      level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    }
  }
  return null;
}
