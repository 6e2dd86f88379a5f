import { uuidText } from '../event/customer-id.js';
import { StateFormatError } from './state-format-error.js';
import type { StoredEvent } from './stored-event.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Below this many characters a loop is faster than the decoder. */
const SHORT = 24;

/** Part of the bytes of a state, where a view of its own would cost more than what is in it. */
export interface Span {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Reads what `ByteWriter` wrote. */
export class ByteReader {
  /** Events that were read, in their order; null: each is written out whenever it comes. */
  readonly events: StoredEvent[] | null;
  #at: number;
  #instant = 0;

  constructor(
    private readonly bytes: Uint8Array,
    start = 0,
    private readonly end = bytes.length,
    sharesEvents = false,
  ) {
    this.#at = start;
    this.events = sharesEvents ? [] : null;
  }

  get done(): boolean {
    return this.#at === this.end;
  }

  get place(): number {
    return this.#at;
  }

  spanFrom(start: number): Span {
    return { bytes: this.bytes, start, end: this.#at };
  }

  byte(): number {
    if (this.#at >= this.end) throw new StateFormatError('the bytes end too early');
    return this.bytes[this.#at++]!;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  instant(): number {
    this.#instant += this.signed();
    return this.#instant;
  }

  /** What `ByteWriter.block` wrote. */
  block(): Span {
    const length = this.varint();
    return this.spanFrom(this.#skip(length));
  }

  text(): string {
    const header = this.varint();
    if (header === 0) return uuidText(this.bytes, this.#skip(16));
    const length = header - 1;
    const start = this.#skip(length);
    if (length > SHORT) return decoder.decode(this.bytes.subarray(start, this.#at));
    let text = '';
    for (let i = start; i < this.#at; i++) {
      const code = this.bytes[i]!;
      if (code >= 0x80) return decoder.decode(this.bytes.subarray(start, this.#at));
      text += String.fromCharCode(code);
    }
    return text;
  }

  skipText(): void {
    const header = this.varint();
    this.#skip(header === 0 ? 16 : header - 1);
  }

  /** Returns where what is skipped begins. */
  #skip(length: number): number {
    const start = this.#at;
    if (length > this.end - start) throw new StateFormatError('the bytes end too early');
    this.#at = start + length;
    return start;
  }
}
