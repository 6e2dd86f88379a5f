import { ruleOfTimer, textFingerprint, type SuspendedTimer } from '#core';
import { HEADER_KIND, type StreamRecord } from '../ports/event-stream.js';
import type { DeadLetter, OutboxRecord } from '../ports/partition-store.js';
import { HEADER_HOPS, KIND_TIMER } from './record-headers.js';

/** What could not go on for a customer and waits to be replayed. */
export interface Suspended {
  /** UUID text. */
  readonly customerId: string;
  /** Canonical id; null: her state could not be read. */
  readonly customer: string | null;
  /** null: all of hers. No rule could be blamed. */
  readonly timer: SuspendedTimer | null;
}

/** A rule was suspended for a customer, as the log and the metrics may know it. */
export interface Suspension {
  /** null: no rule could be blamed, and nothing of the customer goes on by time. */
  readonly rule: string | null;
  readonly offset: number;
  /** `faultOf` */
  readonly fault: string;
}

/** Why it is a dead letter. */
export const SUSPENDED = 'suspended';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Kept as a record of the stream that arms it again: a replay appends it to the partition. Where a rule is to blame all
 * others go on; where none is, the customer is held as she is for an event.
 */
export function suspendedLetter(suspended: Suspended, offset: number, error: unknown): DeadLetter {
  const { customerId, customer, timer } = suspended;
  const rule = timer === null ? null : ruleOfTimer(timer);
  const why = error instanceof Error ? error.message : String(error);
  const what = rule === null ? 'what time brings about could not be evaluated' : `rule ${rule} could not go on`;
  return {
    offset,
    about: fingerprintOf(suspended),
    reason: SUSPENDED,
    detail: `${what} for this customer: ${why}`,
    key: customer === null ? null : encoder.encode(customer),
    ...recordOf(suspended, 1),
    ...(rule === null ? { holds: [customerId] } : {}),
  };
}

/** For an id that is another customer's by now. */
export function forwardedSuspended(suspended: Suspended, customer: string, hops: number): OutboxRecord {
  const recordId = `${suspended.customerId}/${fingerprintOf(suspended)}/timer`;
  return { recordId, target: { key: customer }, hops, ...recordOf(suspended, hops) };
}

/** null: it is none that Kairos has written. */
export function readSuspended({ headers, value }: StreamRecord): (Suspended & { readonly hops: number }) | null {
  const hops = Number(headers?.[HEADER_HOPS]);
  try {
    const json = JSON.parse(decoder.decode(value ?? new Uint8Array(0))) as Partial<Suspended> | null;
    const { customerId, customer, timer } = json ?? {};
    if (typeof customerId !== 'string' || !UUID.test(customerId) || !Number.isInteger(hops) || hops < 1) return null;
    if (customer !== null && (typeof customer !== 'string' || customer === '')) return null;
    if (timer === undefined || (timer !== null && !isTimer(timer))) return null;
    return { customerId, customer, timer, hops };
  } catch {
    return null;
  }
}

/** What kind of error and where in the program, for the log: its message may repeat what a customer has said. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  const frame = /^\s+at (.*)$/m.exec(error.stack ?? '')?.[1] ?? '';
  return frame === ''
    ? error.name
    : `${error.name} at ${frame.replace(/\(?(?:file:\/\/)?\/.*?\/(?=(?:dist|libs)\/)/, '(')}`;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

function isTimer(timer: SuspendedTimer): boolean {
  if (typeof timer !== 'object') return false;
  if (![timer.due, timer.fireAt, timer.actsAt].every((ms) => Number.isSafeInteger(ms))) return false;
  switch (timer.kind) {
    case 'flip':
      return true;
    case 'silence':
      return Number.isSafeInteger(timer.fingerprint);
    case 'calendar':
      return Number.isSafeInteger(timer.fingerprint) && Number.isSafeInteger(timer.next);
    case 'run':
      return typeof timer.rule === 'string' && Number.isSafeInteger(timer.node) && isKey(timer.key);
    default:
      return false;
  }
}

function isKey(key: unknown): boolean {
  return key === null || [key].flat().every((part) => typeof part === 'string');
}

function recordOf({ customerId, customer, timer }: Suspended, hops: number): Pick<OutboxRecord, 'value' | 'headers'> {
  return {
    value: encoder.encode(JSON.stringify({ customerId, customer, timer })),
    headers: { [HEADER_KIND]: KIND_TIMER, [HEADER_HOPS]: String(hops) },
  };
}

/** Tells those of one place in the log apart; the same timer of the same customer is the same. */
function fingerprintOf({ customerId, timer }: Suspended): number {
  return textFingerprint(JSON.stringify([customerId, timer]));
}
