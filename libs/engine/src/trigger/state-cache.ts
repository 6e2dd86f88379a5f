/** Bytes a cached entry costs beside its state: map slot, key string, typed array header. Measured roughly, only for the bound. */
const ENTRY_OVERHEAD = 220;

/**
 * Encoded states of one partition's customers, the least recently used dropped first. `null` remembers that a customer
 * has no row. Only what was committed is ever in here, so a failed commit needs nothing undone but the whole dropped.
 */
export class StateCache {
  private readonly entries = new Map<string, Uint8Array | null>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** undefined: not known, must be loaded. */
  get(customerId: string): Uint8Array | null | undefined {
    const state = this.entries.get(customerId);
    if (state === undefined) return undefined;
    this.entries.delete(customerId);
    this.entries.set(customerId, state);
    return state;
  }

  set(customerId: string, state: Uint8Array | null): void {
    const before = this.entries.get(customerId);
    if (before !== undefined) {
      this.bytes -= ENTRY_OVERHEAD + (before?.length ?? 0);
      this.entries.delete(customerId);
    }
    this.entries.set(customerId, state);
    this.bytes += ENTRY_OVERHEAD + (state?.length ?? 0);
  }

  /** Called between batches, so that what a batch loaded stays until it is evaluated. */
  trim(): void {
    for (const [customerId, state] of this.entries) {
      if (this.bytes <= this.maxBytes) return;
      this.entries.delete(customerId);
      this.bytes -= ENTRY_OVERHEAD + (state?.length ?? 0);
    }
  }
}
