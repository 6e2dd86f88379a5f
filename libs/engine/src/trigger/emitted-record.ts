import { formatInstant, type EmittedEvent } from '#core';
import { HEADER_KIND } from '../ports/event-stream.js';
import type { OutboxRecord } from '../ports/partition-store.js';
import { HEADER_APPEND, HEADER_EMITS, KIND_EMITTED } from './record-headers.js';

/**
 * An event that a rule emits, as a record of the stream: any consumer of the topic can read it. Its id follows from the
 * run, so that it is one event however often it is sent. Too long a chain is parked by whoever reads it.
 * @param since where the stream stands, ms
 */
export function emittedRecord(
  { id, customer, event, properties, time, hops }: EmittedEvent,
  since: number,
): OutboxRecord {
  const call = {
    type: 'track',
    event,
    userId: customer,
    messageId: id,
    timestamp: formatInstant(time),
    properties,
  };
  return {
    recordId: id,
    target: { key: customer },
    value: new TextEncoder().encode(JSON.stringify(call)),
    headers: { [HEADER_KIND]: KIND_EMITTED, [HEADER_EMITS]: String(hops), [HEADER_APPEND]: String(since) },
    hops,
  };
}
