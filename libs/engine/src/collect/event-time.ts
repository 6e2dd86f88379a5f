import { formatInstant, parseInstant, type EventProblem } from '#core';

/** What the collector writes about time into a call. */
export interface EventTime {
  readonly timestamp: string;
  /** What the client's clock said, where that was mended. */
  readonly originalTimestamp?: string;
}

export interface Sending {
  /** When the client says it sent the request, where it does: ISO 8601. */
  readonly sentAt: unknown;
  /** ms of the clock port. */
  readonly receivedAt: number;
  /** History states when something happened; its times are not those of a client's clock. */
  readonly historical: boolean;
}

type Field = 'timestamp' | 'originalTimestamp' | 'sentAt';

const MIN = parseInstant('0000-01-01T00:00:00.000Z')!;
const MAX = parseInstant('9999-12-31T23:59:59.999Z')!;

/**
 * `timestamp = receivedAt − (sentAt − originalTimestamp)` where the client gives sentAt (events.md): its clock may be
 * wrong, the time between two readings of it is not. An event without a time happens when it is received.
 */
export function eventTime(call: { readonly [name: string]: unknown }, sending: Sending): EventTime | EventProblem {
  const times: { [field in Field]: unknown } = {
    timestamp: call['timestamp'],
    originalTimestamp: call['originalTimestamp'],
    sentAt: call['sentAt'] ?? sending.sentAt,
  };
  for (const field of Object.keys(times) as Field[]) {
    if (times[field] == null || instantOf(times[field]) !== null) continue;
    return { field, reason: 'must be an instant like "2026-03-02T09:00:00.000Z"' };
  }
  const { timestamp, originalTimestamp } = times;
  const said = instantOf(sending.historical ? (timestamp ?? originalTimestamp) : (originalTimestamp ?? timestamp));
  const sent = instantOf(times.sentAt);
  if (said === null) return { timestamp: formatInstant(sending.receivedAt) };
  if (sent === null || sending.historical) return { timestamp: formatInstant(said) };
  const mended = sending.receivedAt - (sent - said);
  if (mended < MIN || mended > MAX) return { field: 'sentAt', reason: 'is too far from the timestamp to be true' };
  return { timestamp: formatInstant(mended), originalTimestamp: formatInstant(said) };
}

/** ms since 1970 UTC; null where it is no instant of the years 0 to 9999. */
function instantOf(value: unknown): number | null {
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  return instant !== null && instant >= MIN && instant <= MAX ? instant : null;
}
