import { BytePages } from '#core';

/** Bytes a cached entry costs beside its state: map slot, key string, typed array header. Measured roughly, only for the bound. */
const ENTRY_OVERHEAD = 220;

/**
 * Encoded states of one partition's customers; `null` remembers that a customer has no row. Only what was committed is
 * ever in here, so a failed commit needs nothing undone but the whole dropped.
 *
 * Two generations instead of an order of use: what is asked for moves to the young one, and when that holds half of
 * what is allowed the old one is dropped. So a look-up is one look into a map that only grows.
 *
 * States share pieces of memory with those written about the same time, and a piece lives as long as any of them.
 * Hence what moves is copied, and what is written over counts until its generation is dropped.
 */
export class StateCache {
  private young = new Map<string, Uint8Array | null>();
  private old: ReadonlyMap<string, Uint8Array | null> = new Map();
  private youngBytes = 0;
  private readonly pages = new BytePages();

  constructor(private readonly maxBytes: number) {}

  /** undefined: not known, must be loaded. */
  get(customerId: string): Uint8Array | null | undefined {
    const state = this.young.get(customerId);
    if (state !== undefined) return state;
    const older = this.old.get(customerId);
    return older === undefined ? undefined : this.take(customerId, older);
  }

  /** @param state as `encodeState` returned it */
  set(customerId: string, state: Uint8Array | null): void {
    if (!this.young.has(customerId)) this.youngBytes += ENTRY_OVERHEAD;
    this.youngBytes += state?.length ?? 0;
    this.young.set(customerId, state);
  }

  /** A state that lies in memory of something else: of the old generation, or of an answer of the database. */
  private take(customerId: string, state: Uint8Array | null): Uint8Array | null {
    const own = state === null ? null : this.pages.copyOf(state);
    this.set(customerId, own);
    return own;
  }

  /** Called between batches, so that what a batch loaded stays until it is evaluated. */
  trim(): void {
    if (this.youngBytes <= this.maxBytes / 2) return;
    this.old = this.young;
    this.young = new Map();
    this.youngBytes = 0;
  }

  /** Has all of these here, asking `load` for what is missing. */
  async fetch(
    customerIds: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>,
  ): Promise<{ readonly hits: number; readonly misses: number }> {
    const missing = new Set<string>();
    let hits = 0;
    for (const customerId of customerIds)
      if (this.get(customerId) === undefined) missing.add(customerId);
      else hits++;
    if (missing.size > 0) {
      const states = await load([...missing]);
      for (const customerId of missing) this.take(customerId, states.get(customerId) ?? null);
    }
    return { hits, misses: missing.size };
  }
}
