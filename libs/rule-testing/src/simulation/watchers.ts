import { compareCodePoints } from '#core';

/** Which customers hear of events about a thing: those whose lists hold it. */
export class Watchers {
  private readonly customers = new Map<string, Set<string>>();

  /** What a customer's lists hold now, where they held `before`. */
  update(customer: string, before: ReadonlySet<string>, now: ReadonlySet<string>): void {
    for (const thing of before) if (!now.has(thing)) this.remove(thing, customer);
    for (const thing of now) if (!before.has(thing)) this.add(thing, customer);
  }

  /** In the order of their ids. */
  of(thing: string): readonly string[] {
    return [...(this.customers.get(thing) ?? [])].sort(compareCodePoints);
  }

  private add(thing: string, customer: string): void {
    const known = this.customers.get(thing);
    if (known === undefined) this.customers.set(thing, new Set([customer]));
    else known.add(customer);
  }

  private remove(thing: string, customer: string): void {
    const known = this.customers.get(thing);
    known?.delete(customer);
    if (known?.size === 0) this.customers.delete(thing);
  }
}
