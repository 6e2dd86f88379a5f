import { thingFingerprint, watchedItems, type CustomerState, type Rulesets } from '#core';
import type { WatchEntry } from '../ports/partition-store.js';

const NOTHING: ReadonlySet<number> = new Set();

/** Customers of the last commit who watch a thing, as many as one commit may reach. */
export interface Watchers {
  readonly customerIds: readonly string[];
  /** There are more of them, or may be: they have their turn in a job. */
  readonly areMore: boolean;
}

/**
 * What a batch has changed of who watches what, above the rows of the last commit: an event about a thing further back in
 * the same batch reaches whoever has come to watch it meanwhile.
 */
export class WatchIndex {
  private readonly stored = new Map<string, ReadonlySet<number>>();
  private readonly now = new Map<string, ReadonlySet<number>>();
  private readonly customers = new Map<number, Set<string>>();

  constructor(private readonly rulesets: Rulesets) {}

  /** A customer as the rows know her. */
  begin(customerId: string, state: CustomerState): void {
    if (this.watchesNothing) return;
    const things = this.thingsOf(state);
    this.stored.set(customerId, things);
    this.now.set(customerId, things);
  }

  /** The same customer after something has happened. */
  update(customerId: string, state: CustomerState): void {
    if (this.watchesNothing) return;
    const things = this.thingsOf(state);
    for (const thing of this.now.get(customerId) ?? NOTHING)
      if (!things.has(thing)) this.customers.get(thing)?.delete(customerId);
    for (const thing of things) {
      let watching = this.customers.get(thing);
      if (watching === undefined) this.customers.set(thing, (watching = new Set()));
      watching.add(customerId);
    }
    this.now.set(customerId, things);
  }

  /** Customers whom the batch has touched and whose lists hold it. */
  of(thing: number): Iterable<string> {
    return this.customers.get(thing) ?? [];
  }

  watches(customerId: string, thing: number): boolean {
    return this.now.get(customerId)?.has(thing) ?? false;
  }

  /** What the rows of this customer lack, and what they have too much; with `anew` all that she watches. */
  changes(customerId: string, anew: boolean): { readonly added: WatchEntry[]; readonly removed: WatchEntry[] } {
    const now = this.now.get(customerId) ?? NOTHING;
    const stored = this.stored.get(customerId) ?? NOTHING;
    const entry = (thing: number): WatchEntry => ({ thing, customerId });
    return {
      added: [...now].filter((thing) => anew || !stored.has(thing)).map(entry),
      removed: [...stored].filter((thing) => !now.has(thing)).map(entry),
    };
  }

  private get watchesNothing(): boolean {
    return this.rulesets.current.watchedLists.size === 0;
  }

  private thingsOf(state: CustomerState): ReadonlySet<number> {
    const items = watchedItems(this.rulesets, state);
    return items.size === 0 ? NOTHING : new Set([...items].map(thingFingerprint));
  }
}
