/** Bytes of one piece of memory. */
const PAGE = 65_536;
/** Where less is left of a page, the next bytes begin a new one. */
const LEAST_ROOM = 1024;

/**
 * Many short arrays of bytes that share pieces of memory: one allocated for each costs more than all the writing. A page
 * lives as long as anything in it, so what lies in one should live about as long.
 */
export class BytePages {
  /** The page in hand; `free` is where its free part begins. */
  page = new Uint8Array(PAGE);
  free = 0;

  /** Hands out the bytes from `free` to `end`, which nobody may change any more. */
  cut(end: number): Uint8Array {
    const taken = this.page.subarray(this.free, end);
    this.free = end;
    if (this.page.length - end < LEAST_ROOM) this.turn(PAGE);
    return taken;
  }

  /** Goes on with a new page of at least `length` bytes, to which what was written behind `free` moves. */
  makeRoom(length: number, written: number): void {
    const begun = this.page.subarray(this.free, written);
    this.turn(Math.max(PAGE, length));
    this.page.set(begun);
  }

  copyOf(bytes: Uint8Array): Uint8Array {
    if (this.free + bytes.length > this.page.length) this.turn(Math.max(PAGE, bytes.length));
    this.page.set(bytes, this.free);
    return this.cut(this.free + bytes.length);
  }

  private turn(length: number): void {
    this.page = new Uint8Array(length);
    this.free = 0;
  }
}
