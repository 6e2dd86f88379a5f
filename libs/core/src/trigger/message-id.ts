import { sha256 } from '@noble/hashes/sha2.js';
import type { RunKey } from '../customer/customer-state.js';
import { uuidText } from '../event/customer-id.js';

const DAY_MS = 86_400_000;
const encoder = new TextEncoder();

export interface MessageIdentity {
  readonly customer: string;
  readonly rule: string;
  readonly key: RunKey;
  readonly occurrence: string;
  readonly step: string;
  readonly round: number;
}

/**
 * Planning twice is one message: uuid text of 4 bytes day of `due` (days since 1970 UTC, big-endian), by which the
 * ledger is divided, and 12 bytes of SHA-256 of who and what. The rule's version is no part of it.
 */
export function messageIdOf(identity: MessageIdentity, due: number): string {
  const { customer, rule, key, occurrence, step, round } = identity;
  const hash = sha256(encoder.encode(JSON.stringify([customer, rule, key, occurrence, step, round])));
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setInt32(0, Math.floor(due / DAY_MS));
  bytes.set(hash.subarray(0, 12), 4);
  return uuidText(bytes, 0);
}
