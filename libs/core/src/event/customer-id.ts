import { sha256 } from '@noble/hashes/sha2.js';

const encoder = new TextEncoder();
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The key of a customer's rows, as uuid text: the first 128 bits of SHA-256 of the canonical id (userId, else anonymousId). */
export function customerIdOf(id: string): string {
  return uuidText(sha256(encoder.encode(id)), 0);
}

/** Sixteen bytes from `offset` as the text that PostgreSQL shows for a uuid. */
export function uuidText(bytes: Uint8Array, offset: number): string {
  let text = '';
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += HEX[bytes[offset + i]!]!;
  }
  return text;
}
