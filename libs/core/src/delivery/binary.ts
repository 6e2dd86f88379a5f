/** A contact's column that cannot be read. Not retryable: the bytes stay what they are. */
export class ContactFormatError extends Error {
  readonly code = 'contact/format';
  readonly retryable = false;
  readonly details: { readonly what: string; readonly offset: number };

  constructor(what: string, offset: number, problem: string) {
    super(`${what} cannot be read: ${problem} at byte ${offset}`);
    this.name = 'ContactFormatError';
    this.details = { what, offset };
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes big-endian numbers one after the other into a buffer whose size is known beforehand. */
export class ByteWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  uint8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  /** An instant in ms: 48 bits reach to the year 10889. */
  instant(value: number): void {
    this.#view.setUint16(this.#at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(this.#at + 2, value % 0x1_0000_0000);
    this.#at += 6;
  }

  hex(digits: string): void {
    for (let index = 0; index < digits.length; index += 2) this.uint8(Number.parseInt(digits.slice(index, index + 2), 16));
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** Reads what `ByteWriter` wrote; throws `ContactFormatError` beyond the end. */
export class ByteReader {
  readonly #what: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(what: string, bytes: Uint8Array) {
    this.#what = what;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  instant(): number {
    const at = this.#take(6);
    return this.#view.getUint16(at) * 0x1_0000_0000 + this.#view.getUint32(at + 2);
  }

  hex(bytes: number): string {
    let text = '';
    for (let index = 0; index < bytes; index++) text += this.uint8().toString(16).padStart(2, '0');
    return text;
  }

  text(bytes: number): string {
    const at = this.#take(bytes);
    try {
      return decoder.decode(this.#bytes.subarray(at, at + bytes));
    } catch {
      throw this.error('text that is not UTF-8');
    }
  }

  error(problem: string): ContactFormatError {
    return new ContactFormatError(this.#what, this.#at, problem);
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw this.error('it ends too early');
    this.#at = at + bytes;
    return at;
  }
}

/** Names that repeat are written once, at the front: count, then length and UTF-8 of each. At most 255 of 255 bytes. */
export class NameTable {
  readonly #names: Uint8Array[] = [];
  readonly #index = new Map<string, number>();

  add(name: string): number {
    let index = this.#index.get(name);
    if (index === undefined) {
      index = this.#names.push(utf8(name)) - 1;
      this.#index.set(name, index);
    }
    return index;
  }

  get size(): number {
    return this.#names.reduce((size, name) => size + 1 + name.length, 1);
  }

  write(writer: ByteWriter): void {
    writer.uint8(this.#names.length);
    for (const name of this.#names) {
      writer.uint8(name.length);
      writer.raw(name);
    }
  }

  static read(reader: ByteReader): readonly string[] {
    return Array.from({ length: reader.uint8() }, () => reader.text(reader.uint8()));
  }
}
