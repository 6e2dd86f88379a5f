import { readEvent, readItemEvent, type EventProblem, type ItemProperties, type RecordPosition } from './read-event.js';

/** Deeper than any shop needs, and shallow enough for every reader behind. */
const MAX_DEPTH = 64;
const MAX_ID_CHARACTERS = 255;
const ANYWHERE: RecordPosition = { append: 0, fallbackId: '', historical: false };

/** Whose call it is, or what can never succeed about it. */
export type CheckedCall = { readonly ok: true; readonly customer: string } | ({ readonly ok: false } & EventProblem);

/**
 * Checks a call that a client makes. `type` must already be set (the single-call paths imply it). The limit of 32 KB an
 * event is the caller's, which has the bytes.
 */
export function validateCall(json: unknown): CheckedCall {
  const reading = readEvent(json, ANYWHERE);
  if (!reading.ok) return reading;
  const { customer, id, other } = reading.event;
  if (customer.length > MAX_ID_CHARACTERS) return tooLong(namesUser(json) ? 'userId' : 'anonymousId');
  if (other !== undefined && other.id.length > MAX_ID_CHARACTERS)
    return tooLong(other.kind === 'alias' ? 'previousId' : 'anonymousId');
  if (id.length > MAX_ID_CHARACTERS) return tooLong('messageId');
  const problem = problemInside(json);
  return problem === null ? { ok: true, customer } : { ok: false, ...problem };
}

/** The same for an event about a thing, which is of no customer; null: it is none (`readItemEvent`). */
export function validateItemCall(
  json: unknown,
  items: ItemProperties,
): { readonly ok: true; readonly item: string } | ({ readonly ok: false } & EventProblem) | null {
  const reading = readItemEvent(json, ANYWHERE, items);
  if (reading === null || !reading.ok) return reading;
  if (reading.event.id.length > MAX_ID_CHARACTERS) return tooLong('messageId');
  const problem = problemInside(json);
  return problem === null ? { ok: true, item: reading.event.item } : { ok: false, ...problem };
}

function tooLong(field: string): { readonly ok: false } & EventProblem {
  return { ok: false, field, reason: `is longer than ${MAX_ID_CHARACTERS} characters` };
}

function namesUser(json: unknown): boolean {
  const { userId } = json as { userId?: unknown };
  return typeof userId === 'string' && userId !== '';
}

/** Names the top-level field. Without recursion: the depth comes from outside. */
function problemInside(json: unknown): EventProblem | null {
  for (const [field, value] of Object.entries(json as object)) {
    let level: unknown[] = [value];
    for (let depth = 1; level.length > 0; depth++) {
      if (depth > MAX_DEPTH) return { field, reason: `is nested deeper than ${MAX_DEPTH} levels` };
      // What JSON.parse makes of 1e999; as JSON it would be null from now on.
      if (level.some((item) => item === Infinity || item === -Infinity))
        return { field, reason: 'holds a number that is too large' };
      level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    }
  }
  return null;
}
