import type { Span } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

const ENTRY = 10;
const HOUR_MS = 3_600_000;
export const KEPT_HOURS = 24;
/** Above so many not yet stored ids an index pays: only simulation, which forgets nothing, comes here. */
const INDEXED = 64;
const NONE: Span = { bytes: new Uint8Array(0), start: 0, end: 0 };

export interface IdHash {
  /** 32 bits each. */
  readonly low: number;
  readonly high: number;
}

/**
 * Ids of the events that this customer's state has taken in: 8 bytes of hash and the log hour (mod 2^16) each, dropped
 * by log time when between 24 and 25 hours old. Those that were stored are searched in their stored form, since most
 * states only ask for one and add one.
 */
export class SeenIds {
  readonly #bytes: Uint8Array;
  #start: number;
  readonly #end: number;
  /** Not yet stored, in the order of arrival. */
  readonly #added: { readonly id: IdHash; readonly hour: number }[] = [];
  #index: Set<number> | null = null;

  constructor({ bytes, start, end }: Span = NONE) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  get size(): number {
    return (this.#end - this.#start) / ENTRY + this.#added.length;
  }

  has({ low, high }: IdHash): boolean {
    const first = low & 0xff;
    for (let at = this.#start; at < this.#end; at += ENTRY) {
      if (this.#bytes[at] === first && this.#word(at) === low && this.#word(at + 4) === high) return true;
    }
    if (this.#index !== null && !this.#index.has(indexOf({ low, high }))) return false;
    for (const { id } of this.#added) if (id.low === low && id.high === high) return true;
    return false;
  }

  add(id: IdHash, logTime: number): void {
    this.#added.push({ id, hour: hourOf(logTime) });
    if (this.#index !== null) this.#index.add(indexOf(id));
    else if (this.#added.length > INDEXED) this.#index = new Set(this.#added.map((added) => indexOf(added.id)));
  }

  /** Takes over what another id of the same customer has seen. */
  join(other: SeenIds): void {
    const all = [...this.#all(), ...other.#all().filter(({ id }) => !this.has(id))];
    // Hours go round: they are told apart by how old they are beside the latest.
    const latest = all.reduce((found, { hour }) => (isAfter(hour, found) ? hour : found), all[0]?.hour ?? 0);
    all.sort((a, b) => ageOf(b.hour, latest) - ageOf(a.hour, latest));
    this.#start = this.#end;
    this.#added.splice(0, this.#added.length, ...all);
    this.#index = all.length > INDEXED ? new Set(all.map(({ id }) => indexOf(id))) : null;
  }

  #all(): { readonly id: IdHash; readonly hour: number }[] {
    const all = [];
    for (let at = this.#start; at < this.#end; at += ENTRY) {
      const hour = this.#bytes[at + 8]! | (this.#bytes[at + 9]! << 8);
      all.push({ id: { low: this.#word(at), high: this.#word(at + 4) }, hour });
    }
    return [...all, ...this.#added];
  }

  /** Entries are in the order of their log hour, so what is too old lies in front. */
  prune(logTime: number): void {
    const now = hourOf(logTime);
    while (this.#start < this.#end && isOld(now, this.#bytes[this.#start + 8]! | (this.#bytes[this.#start + 9]! << 8)))
      this.#start += ENTRY;
    if (this.#start < this.#end) return;
    let old = 0;
    while (old < this.#added.length && isOld(now, this.#added[old]!.hour)) old++;
    if (old > 0) this.#added.splice(0, old);
  }

  write(writer: ByteWriter): void {
    writer.varint(this.#end - this.#start + this.#added.length * ENTRY);
    writer.copy(this.#bytes, this.#start, this.#end);
    for (const { id, hour } of this.#added) {
      for (let shift = 0; shift < 32; shift += 8) writer.byte((id.low >>> shift) & 0xff);
      for (let shift = 0; shift < 32; shift += 8) writer.byte((id.high >>> shift) & 0xff);
      writer.byte(hour & 0xff);
      writer.byte(hour >>> 8);
    }
  }

  #word(at: number): number {
    const bytes = this.#bytes;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }
}

/** 52 of the 64 bits: what is not among them is not there. */
function indexOf({ low, high }: IdHash): number {
  return (high & 0xfffff) * 0x1_0000_0000 + low;
}

function hourOf(logTime: number): number {
  return ((Math.floor(logTime / HOUR_MS) % 0x10000) + 0x10000) % 0x10000;
}

function isAfter(hour: number, other: number): boolean {
  const ahead = (hour - other) & 0xffff;
  return ahead > 0 && ahead < 0x8000;
}

function ageOf(hour: number, latest: number): number {
  return (latest - hour) & 0xffff;
}

function isOld(now: number, hour: number): boolean {
  return ((now - hour) & 0xffff) > KEPT_HOURS;
}
