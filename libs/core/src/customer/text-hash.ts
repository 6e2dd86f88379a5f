import type { IdHash } from './seen-ids.js';

/**
 * 64 bits of a text, fast and well mixed, not cryptographic (cyrb64 by bryc, public domain). A collision could only
 * confuse two events, keys or conditions of one customer.
 */
export function textHash(text: string, seed = 0): IdHash {
  let h1 = 0xdeadbeef ^ seed;
  let h2 = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return { low: h1 >>> 0, high: h2 >>> 0 };
}

/** 52 bits of it as a whole number. */
export function textFingerprint(text: string): number {
  const { low, high } = textHash(text);
  return (high & 0xfffff) * 0x1_0000_0000 + low;
}
