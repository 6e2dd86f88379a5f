import { BytePages } from './byte-pages.js';
import type { Span } from './byte-reader.js';

const encoder = new TextEncoder();
/** Above this many bytes a native copy is faster than a loop, below it the view it needs costs more. */
const LONG = 200;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let writings = 0;

/**
 * Writes the compact form of a state: integers as base-128 varints, instants as differences to the one before, texts
 * with their length in front, uuids as 16 bytes. One instance serves all states.
 */
export class ByteWriter {
  readonly #pages = new BytePages();
  #bytes = this.#pages.page;
  #length = 0;
  #instant = 0;
  /** Number of what is being written, over all writers, where what comes twice is shared; 0: nothing is. */
  sharing = 0;
  /** Events that were written out: their times, and where their contents lie, counted from the beginning. */
  readonly #times: number[] = [];
  readonly #ranges: number[] = [];

  /** @param sharesEvents an event that is written again is written as the place of the first time */
  reset(sharesEvents = false): void {
    this.#length = this.#pages.free;
    this.#instant = 0;
    this.sharing = sharesEvents ? ++writings : 0;
    this.#times.length = this.#ranges.length = 0;
  }

  /** So many bytes were written since `reset`. */
  get written(): number {
    return this.#length - this.#pages.free;
  }

  /**
   * Writes an event's time, and what `content` writes, behind a 0; or, where the same was written before, its place
   * alone. What is the same decides the bytes, not whose it is: equal states have equal bytes. Returns the place.
   */
  event(time: number, content: (writer: ByteWriter) => void): number {
    const [begun, instant] = [this.written, this.#instant];
    this.varint(0);
    this.instant(time);
    const from = this.written;
    content(this);
    const known = this.#placeOf(time, from);
    if (known === 0) return this.#ranges.push(from, this.written) && this.#times.push(time);
    this.#length = this.#pages.free + begun;
    this.#instant = instant;
    this.varint(known);
    return known;
  }

  #placeOf(time: number, from: number): number {
    for (let k = 0; k < this.#times.length; k++)
      if (this.#times[k] === time && this.#isSame(this.#ranges[2 * k]!, this.#ranges[2 * k + 1]!, from)) return k + 1;
    return 0;
  }

  #isSame(from: number, to: number, other: number): boolean {
    if (to - from !== this.written - other) return false;
    const base = this.#pages.free;
    for (let k = 0; k < to - from; k++)
      if (this.#bytes[base + from + k] !== this.#bytes[base + other + k]) return false;
    return true;
  }

  /** What was written since `reset`. */
  take(): Uint8Array {
    const taken = this.#pages.cut(this.#length);
    this.#bytes = this.#pages.page;
    return taken;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 − 1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number of either sign, small ones of both in few bytes. */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** ms; cheap when it is near the instant written before. */
  instant(value: number): void {
    this.signed(value - this.#instant);
    this.#instant = value;
  }

  /** Bytes with their number in front. */
  block({ bytes, start, end }: Span): void {
    this.varint(end - start);
    this.copy(bytes, start, end);
  }

  /** Bytes as they are. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    if (end - start > LONG) this.#bytes.set(bytes.subarray(start, end), this.#length);
    else for (let i = start, to = this.#length; i < end; i++, to++) this.#bytes[to] = bytes[i]!;
    this.#length += end - start;
  }

  /** Header 0: a uuid of 16 bytes; n: n − 1 bytes of UTF-8. Texts must be well-formed. */
  text(value: string): void {
    if (value.length === 36 && UUID.test(value)) return this.#uuid(value);
    // Before `start` is taken: making room moves what was written.
    this.#reserve(value.length + 8);
    const start = this.#length;
    this.varint(value.length + 1);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.#length = start;
        return this.#unicode(value);
      }
      bytes[at++] = code;
    }
    this.#length = at;
  }

  #unicode(value: string): void {
    const bytes = encoder.encode(value);
    this.varint(bytes.length + 1);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #uuid(value: string): void {
    this.byte(0);
    this.#reserve(16);
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) i++;
      this.#bytes[this.#length++] = (hexDigit(value.charCodeAt(i)) << 4) | hexDigit(value.charCodeAt(i + 1));
    }
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const written = this.#length - this.#pages.free;
    this.#pages.makeRoom((written + more) * 2, this.#length);
    this.#bytes = this.#pages.page;
    this.#length = written;
  }
}

function hexDigit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
