import { readEvent, type EventProblem } from './read-event.js';

/** Deeper than any shop needs, and shallow enough for every reader behind. */
const MAX_DEPTH = 64;
const MAX_ID_CHARACTERS = 255;

/**
 * What can never succeed about a call that a client makes: null when it is fine. `type` must already be set (the
 * single-call paths imply it). The limit of 32 KB an event is the caller's, which has the bytes.
 */
export function validateCall(json: unknown): EventProblem | null {
  const reading = readEvent(json, { append: 0, fallbackId: '', historical: false });
  if (!reading.ok) return { field: reading.field, reason: reading.reason };
  const { customer, id } = reading.event;
  if (customer.length > MAX_ID_CHARACTERS) return { field: 'userId', reason: `is longer than ${MAX_ID_CHARACTERS} characters` };
  if (id.length > MAX_ID_CHARACTERS) return { field: 'messageId', reason: `is longer than ${MAX_ID_CHARACTERS} characters` };
  const deep = tooDeep(json);
  return deep === null ? null : { field: deep, reason: `is nested deeper than ${MAX_DEPTH} levels` };
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
