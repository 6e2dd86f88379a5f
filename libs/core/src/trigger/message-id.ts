import type { RunKey } from '../customer/customer-state.js';
import { uuidText } from '../event/customer-id.js';
import { sha256OfText } from '../event/sha-256.js';

const DAY_MS = 86_400_000;
const bytes = new Uint8Array(16);
const view = new DataView(bytes.buffer);

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
  const hash = sha256OfText(JSON.stringify([customer, rule, key, occurrence, step, round]));
  view.setInt32(0, Math.floor(due / DAY_MS));
  for (let i = 0; i < 12; i++) bytes[4 + i] = hash[i]!;
  return uuidText(bytes, 0);
}
