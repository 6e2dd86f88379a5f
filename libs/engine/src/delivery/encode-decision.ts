import type { DeliveryDecision } from '#core';

/** What the ledger keeps of a decision: everything but the message itself, which stands in the same row. */
export type StoredDecision = Omit<DeliveryDecision, 'message'>;

/** JSON in UTF-8. */
export function encodeDecision({ at, verdict, inputs }: DeliveryDecision): Uint8Array {
  const stored: StoredDecision = { at, verdict, inputs };
  return new TextEncoder().encode(JSON.stringify(stored));
}

/** Inverse of `encodeDecision`. */
export function decodeDecision(bytes: Uint8Array): StoredDecision {
  return JSON.parse(new TextDecoder().decode(bytes)) as StoredDecision;
}
