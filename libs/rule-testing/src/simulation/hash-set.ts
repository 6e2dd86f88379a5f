/**
 * A set of 64-bit hashes of bytes, in 8 bytes for each and some room: what a simulation remembers of every event it has
 * seen must be small. Two different texts are taken for one with a probability of 1 in 10^8 among a million.
 */
export class HashSet {
  private words = new Uint32Array(2 * 1024);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Adds what `hashOf` made last; false where it was there. */
  add(low: number, high: number): boolean {
    // Zero marks an empty place.
    if ((low | high) === 0) low = 1;
    if (this.count * 3 > this.words.length) this.grow();
    if (!insert(this.words, low, high)) return false;
    this.count++;
    return true;
  }

  /** Whether what `hashOf` made last is there. */
  has(low: number, high: number): boolean {
    if ((low | high) === 0) low = 1;
    const mask = this.words.length / 2 - 1;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const l = this.words[2 * place]!;
      const h = this.words[2 * place + 1]!;
      if (l === low && h === high) return true;
      if (l === 0 && h === 0) return false;
    }
  }

  private grow(): void {
    const before = this.words;
    this.words = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2)
      if ((before[at]! | before[at + 1]!) !== 0) insert(this.words, before[at]!, before[at + 1]!);
  }
}

function insert(words: Uint32Array, low: number, high: number): boolean {
  const mask = words.length / 2 - 1;
  for (let place = low & mask; ; place = (place + 1) & mask) {
    const l = words[2 * place]!;
    const h = words[2 * place + 1]!;
    if (l === low && h === high) return false;
    if (l !== 0 || h !== 0) continue;
    words[2 * place] = low;
    words[2 * place + 1] = high;
    return true;
  }
}

/** The two halves of the hash that `hashBytes` made last. */
export const hash = { low: 0, high: 0 };

/** Hashes bytes (cyrb64 by bryc, public domain, over bytes); goes on from the hash before where `more` is set. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, more = false): void {
  // Between two texts stands a byte that is in no text.
  let h1 = more ? Math.imul(hash.low ^ 0xff, 2654435761) : 0xdeadbeef;
  let h2 = more ? Math.imul(hash.high ^ 0xff, 1597334677) : 0x41c6ce57;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    h1 = Math.imul(h1 ^ byte, 2654435761);
    h2 = Math.imul(h2 ^ byte, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  hash.low = h1 >>> 0;
  hash.high = h2 >>> 0;
}

const encoder = new TextEncoder();
let room = new Uint8Array(256);

/** `hashBytes` of the text in UTF-8. */
export function hashText(text: string, more = false): void {
  if (text.length > room.length) room = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return hashEncoded(text, more);
    room[i] = code;
  }
  hashBytes(room, 0, text.length, more);
}

function hashEncoded(text: string, more: boolean): void {
  const bytes = encoder.encode(text);
  hashBytes(bytes, 0, bytes.length, more);
}
