const ENTRY = 10;
const HOUR_MS = 3_600_000;
const KEPT_HOURS = 24;

/**
 * Ids of the events that this customer's state has taken in: 8 bytes of hash and the log hour (mod 2^16) each, dropped
 * by log time when between 24 and 25 hours old. Kept in their stored form, since most states only ask or add one.
 */
export class SeenIds {
  #count: number;

  constructor(private bytes: Uint8Array = new Uint8Array(0)) {
    this.#count = bytes.length / ENTRY;
  }

  get size(): number {
    return this.#count;
  }

  has(id: IdHash): boolean {
    const { bytes } = this;
    const first = id.low & 0xff;
    for (let at = 0; at < this.#count * ENTRY; at += ENTRY) {
      if (bytes[at] === first && this.#word(at) === id.low && this.#word(at + 4) === id.high) return true;
    }
    return false;
  }

  add(id: IdHash, logTime: number): void {
    const at = this.#count * ENTRY;
    if (at + ENTRY > this.bytes.length) {
      const grown = new Uint8Array(Math.max(at + ENTRY, Math.ceil((at * 1.5) / ENTRY) * ENTRY));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
    }
    const hour = hourOf(logTime);
    for (let i = 0; i < 4; i++) {
      this.bytes[at + i] = id.low >>> (8 * i);
      this.bytes[at + 4 + i] = id.high >>> (8 * i);
    }
    this.bytes[at + 8] = hour & 0xff;
    this.bytes[at + 9] = hour >>> 8;
    this.#count++;
  }

  /** Entries are in the order of their log hour, so what is too old lies in front. */
  prune(logTime: number): void {
    const hour = hourOf(logTime);
    let old = 0;
    while (old < this.#count && ageInHours(hour, this.#hourAt(old)) > KEPT_HOURS) old++;
    if (old === 0) return;
    this.bytes = this.bytes.slice(old * ENTRY, this.#count * ENTRY);
    this.#count -= old;
  }

  stored(): Uint8Array {
    return this.bytes.subarray(0, this.#count * ENTRY);
  }

  #hourAt(index: number): number {
    return this.bytes[index * ENTRY + 8]! | (this.bytes[index * ENTRY + 9]! << 8);
  }

  #word(at: number): number {
    const { bytes } = this;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }
}

function hourOf(logTime: number): number {
  return ((Math.floor(logTime / HOUR_MS) % 0x10000) + 0x10000) % 0x10000;
}

function ageInHours(now: number, then: number): number {
  return (now - then) & 0xffff;
}

export interface IdHash {
  readonly low: number;
  readonly high: number;
}
