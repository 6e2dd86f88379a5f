import { sha256 } from '@noble/hashes/sha2.js';

const encoder = new TextEncoder();
const fresh = sha256.create();
const working = sha256.create();
const digest = new Uint8Array(32);
let input = new Uint8Array(1024);

/**
 * SHA-256 of a text in UTF-8, nearly three times as fast as with a new hasher for each. What it returns is valid until
 * the next call.
 */
export function sha256OfText(text: string): Uint8Array {
  // UTF-8 takes at most three bytes for each UTF-16 unit.
  if (text.length * 3 > input.length) input = new Uint8Array(text.length * 3);
  const { written } = encoder.encodeInto(text, input);
  fresh._cloneInto(working).update(input.subarray(0, written)).digestInto(digest);
  return digest;
}
