const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Texts by their UTF-8 bytes: a shop has a few dozen event names, and comparing bytes with one already seen is several
 * times cheaper than decoding them again. Bounded: names come from outside.
 */
export class NameCache {
  readonly #slots: (Known | undefined)[];

  /** @param slots a power of two */
  constructor(slots: number) {
    this.#slots = new Array<Known | undefined>(slots);
  }

  text(bytes: Uint8Array, start: number, end: number): string {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const slot = hash & (this.#slots.length - 1);
    const known = this.#slots[slot];
    if (known !== undefined && sameBytes(known.bytes, bytes, start, end)) return known.text;
    const copy = bytes.slice(start, end);
    const text = decoder.decode(copy);
    this.#slots[slot] = { bytes: copy, text };
    return text;
  }
}

function sameBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
