import { sha256OfText } from './sha-256.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The key of a customer's rows, as uuid text: the first 128 bits of SHA-256 of the canonical id (userId, else anonymousId). */
export function customerIdOf(id: string): string {
  return uuidText(sha256OfText(id), 0);
}

/** Sixteen bytes from `offset` as the text that PostgreSQL shows for a uuid. */
export function uuidText(bytes: Uint8Array, offset: number): string {
  const at = (i: number): string => HEX[bytes[offset + i]!]!;
  return (
    `${at(0)}${at(1)}${at(2)}${at(3)}-${at(4)}${at(5)}-${at(6)}${at(7)}-${at(8)}${at(9)}` +
    `-${at(10)}${at(11)}${at(12)}${at(13)}${at(14)}${at(15)}`
  );
}
