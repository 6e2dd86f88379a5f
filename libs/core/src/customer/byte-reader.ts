import { uuidText } from '../event/customer-id.js';
import { StateFormatError } from './state-format-error.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Below this many characters a loop is faster than the decoder. */
const SHORT = 24;

/** Reads what `ByteWriter` wrote. Blocks are views of the bytes, not copies. */
export class ByteReader {
  #at = 0;
  #instant = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.#at === this.bytes.length;
  }

  byte(): number {
    if (this.#at >= this.bytes.length) throw new StateFormatError('the bytes end too early');
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

  uint32(): number {
    const low = this.byte() | (this.byte() << 8) | (this.byte() << 16);
    return (low | (this.byte() << 24)) >>> 0;
  }

  block(): Uint8Array {
    return this.#next(this.varint());
  }

  text(): string {
    const header = this.varint();
    if (header === 0) return uuidText(this.#next(16), 0);
    const length = header - 1;
    const start = this.#at;
    if (length > SHORT) return decoder.decode(this.#next(length));
    let text = '';
    for (let i = 0; i < length; i++) {
      const code = this.byte();
      if (code >= 0x80) {
        this.#at = start;
        return decoder.decode(this.#next(length));
      }
      text += String.fromCharCode(code);
    }
    return text;
  }

  #next(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.bytes.length) throw new StateFormatError('the bytes end too early');
    const block = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return block;
  }
}
