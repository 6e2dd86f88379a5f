import type { AppendRequest } from '../ports/event-stream.js';
import { HEADER_KIND } from '../ports/event-stream.js';
import type { KeptDeadLetter } from '../ports/dead-letter-book.js';
import { HEADER_APPEND, HEADER_HOPS, HEADER_ID, KIND_FORWARD } from './record-headers.js';

const decoder = new TextDecoder();

/** Why a dead letter cannot come a second time; null: it can. */
export function whyNotReplayable({ replayable, value, resolution }: KeptDeadLetter): string | null {
  if (resolution !== null) return `it was ${resolution} already`;
  if (!replayable) return 'it was applied to all others whom it concerns: there is nothing to replay';
  return value === null || value.length === 0 ? 'it has no value: there is nothing to replay' : null;
}

/**
 * The record once more, at the end of its partition, with the id it had: whoever has applied it already passes over it.
 * An event keeps the time at which it first came into the stream, so that a start that is too late by now stays so.
 */
export function replayRequest(letter: KeptDeadLetter): AppendRequest {
  const { stream, partition, offset, at, key, value, headers } = letter;
  const kind = headers?.[HEADER_KIND];
  const again = { key: key === null ? null : decoder.decode(key), partition, value };
  if (kind === KIND_FORWARD) return { ...again, headers: { ...headers, [HEADER_HOPS]: '1' } };
  // Kairos' own word about other things stands as it was written.
  if (kind !== undefined) return { ...again, headers: headers! };
  return {
    ...again,
    headers: {
      ...headers,
      [HEADER_KIND]: KIND_FORWARD,
      [HEADER_ID]: `${stream}/${partition}/${offset}`,
      [HEADER_APPEND]: String(at),
      [HEADER_HOPS]: '1',
    },
  };
}
