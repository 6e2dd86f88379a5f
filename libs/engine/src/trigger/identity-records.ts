import {
  decodeState,
  encodeState,
  formatInstant,
  type CustomerEvent,
  type CustomerState,
  type StateVersion,
} from '#core';
import { HEADER_HISTORICAL, HEADER_KIND, type StreamHeaders, type StreamRecord } from '../ports/event-stream.js';
import type { DeadLetter, OutboxRecord } from '../ports/partition-store.js';
import {
  HEADER_APPEND,
  HEADER_EMITS,
  HEADER_HOPS,
  HEADER_ID,
  KIND_FORWARD,
  KIND_HANDOVER,
  KIND_LINK,
  MAX_HOPS,
} from './record-headers.js';

/** Asks the partition of an id for its state: it turned out to be a customer's. */
export interface Link {
  /** Follows from the event that said so. */
  readonly recordId: string;
  /** The id that is asked. */
  readonly id: string;
  /** Whose it is said to be. */
  readonly customer: string;
  readonly kind: 'device' | 'alias';
  /** The customer is known by a userId. */
  readonly named: boolean;
  /** Event time of what said so, ms. */
  readonly time: number;
  readonly hops: number;
}

/** All that was known of an id, on its way to the customer whose it is. */
export interface Handover {
  readonly recordId: string;
  readonly customer: string;
  readonly state: CustomerState;
  /** As in the link. */
  readonly time: number;
  readonly hops: number;
}

const HEADER_CUSTOMER = 'kairos-customer';
const HEADER_TIME = 'kairos-time';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function linkRecord({ recordId, hops, ...link }: Link): OutboxRecord {
  return {
    recordId,
    target: { key: link.id },
    value: encoder.encode(JSON.stringify(link)),
    headers: { [HEADER_KIND]: KIND_LINK, [HEADER_ID]: recordId, [HEADER_HOPS]: String(hops) },
    hops,
  };
}

/** null: it is none that Kairos has written. */
export function readLink({ headers, value }: StreamRecord): Link | null {
  const { recordId, hops } = placeOf(headers);
  const json = jsonOf(value);
  if (json === null || recordId === '') return null;
  const { id, customer, kind, named, time } = json as { readonly [name: string]: unknown };
  if (typeof id !== 'string' || typeof customer !== 'string' || typeof named !== 'boolean') return null;
  if ((kind !== 'device' && kind !== 'alias') || !Number.isSafeInteger(time)) return null;
  return { recordId, id, customer, kind, named, time: time as number, hops };
}

export function handoverRecord(
  { recordId, customer, state, time, hops }: Handover,
  version: StateVersion,
): OutboxRecord {
  const headers = {
    [HEADER_KIND]: KIND_HANDOVER,
    [HEADER_ID]: recordId,
    [HEADER_CUSTOMER]: encodeURIComponent(customer),
    [HEADER_TIME]: String(time),
    [HEADER_HOPS]: String(hops),
  };
  return { recordId, target: { key: customer }, value: encodeState(state, version), headers, hops };
}

/** null: it is none that Kairos has written. */
export function readHandover({ headers, value }: StreamRecord): Handover | null {
  const { recordId, hops } = placeOf(headers);
  const time = Number(headers?.[HEADER_TIME]);
  const customer = headers?.[HEADER_CUSTOMER] ?? '';
  if (recordId === '' || customer === '' || value === null || !Number.isSafeInteger(time)) return null;
  try {
    // A copy: the state keeps views of its bytes, and the record's buffer is the fetch it came with.
    return { recordId, customer: decodeURIComponent(customer), state: decodeState(new Uint8Array(value)), time, hops };
  } catch {
    return null;
  }
}

/** An event of an id that is somebody else's, as her own, with its id and time unchanged. */
export function redirectedEvent(event: CustomerEvent, customer: string, append: number, hops: number): OutboxRecord {
  const { id, type, name, time, properties, traits, consent, pushToken, other, named, historical } = event;
  const call = {
    type,
    ...(name === null ? {} : { event: name }),
    [named === true ? 'userId' : 'anonymousId']: customer,
    ...(other === undefined ? {} : { [other.kind === 'device' ? 'anonymousId' : 'previousId']: other.id }),
    messageId: id,
    timestamp: formatInstant(time),
    properties,
    context: {
      ...(traits === null ? {} : { traits }),
      ...(consent === null ? {} : { consent: { categoryPreferences: consent } }),
      ...(pushToken === null ? {} : { device: { token: pushToken } }),
    },
  };
  const headers = {
    [HEADER_KIND]: KIND_FORWARD,
    [HEADER_ID]: id,
    [HEADER_APPEND]: String(append),
    [HEADER_HOPS]: String(hops),
    ...(event.hops === undefined ? {} : { [HEADER_EMITS]: String(event.hops) }),
    ...(historical ? { [HEADER_HISTORICAL]: '1' } : {}),
  };
  return { recordId: id, target: { key: customer }, value: encoder.encode(JSON.stringify(call)), headers, hops };
}

export function isGoingRound({ hops }: Pick<OutboxRecord, 'hops'>): boolean {
  return hops > MAX_HOPS;
}

/** What has gone round too often between partitions is kept where somebody can look at it. */
export function circleLetter({ target, value, headers }: OutboxRecord, offset: number): DeadLetter {
  const key = 'key' in target ? encoder.encode(target.key) : null;
  const detail = 'its customer was looked for in a circle of ids that each lead to another';
  return { offset, reason: 'loop', detail, key, value, headers };
}

function placeOf(headers: StreamHeaders | null): { readonly recordId: string; readonly hops: number } {
  const hops = Number(headers?.[HEADER_HOPS]);
  const known = Number.isInteger(hops) && hops > 0;
  return { recordId: known ? (headers?.[HEADER_ID] ?? '') : '', hops };
}

function jsonOf(value: Uint8Array | null): object | null {
  try {
    const json: unknown = JSON.parse(decoder.decode(value ?? new Uint8Array(0)));
    return typeof json === 'object' ? json : null;
  } catch {
    return null;
  }
}
