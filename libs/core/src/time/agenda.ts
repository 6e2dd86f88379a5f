/**
 * The next instant at which something is due for each customer, earliest first; one entry a customer. Binary heap with
 * lazy deletion: an entry counts only while it agrees with the map, so moving an instant costs one push.
 */
export class Agenda {
  private readonly current = new Map<string, number>();
  private times: number[] = [];
  private customers: string[] = [];

  get size(): number {
    return this.current.size;
  }

  /** ms; Infinity when nothing is due. */
  get earliest(): number {
    this.dropStale();
    return this.times[0] ?? Infinity;
  }

  /** Sets or, with Infinity, removes the customer's instant. Returns what stood there before (Infinity: nothing). */
  set(customerId: string, instant: number): number {
    const before = this.current.get(customerId) ?? Infinity;
    if (before === instant) return before;
    if (instant === Infinity) this.current.delete(customerId);
    else {
      this.current.set(customerId, instant);
      this.push(instant, customerId);
    }
    if (this.times.length > 1024 && this.times.length > 4 * this.current.size) this.rebuild();
    return before;
  }

  /** The customer whose instant is the earliest, if that is before `before`; equal times in customer order. */
  firstBefore(before: number): string | null {
    this.dropStale();
    return this.times.length > 0 && this.times[0]! < before ? this.customers[0]! : null;
  }

  /** Customers with an instant before `before`, at most `limit` of them, in no order. */
  dueBefore(before: number, limit: number): string[] {
    const found: string[] = [];
    const visit = [0];
    const seen = new Set<string>();
    while (visit.length > 0 && found.length < limit) {
      const at = visit.pop()!;
      if (at >= this.times.length || this.times[at]! >= before) continue;
      const customer = this.customers[at]!;
      if (this.current.get(customer) === this.times[at] && !seen.has(customer)) {
        seen.add(customer);
        found.push(customer);
      }
      visit.push(2 * at + 1, 2 * at + 2);
    }
    return found;
  }

  private dropStale(): void {
    while (this.times.length > 0 && this.current.get(this.customers[0]!) !== this.times[0]) this.pop();
  }

  private before(a: number, b: number): boolean {
    const difference = this.times[a]! - this.times[b]!;
    return difference < 0 || (difference === 0 && this.customers[a]! < this.customers[b]!);
  }

  private swap(a: number, b: number): void {
    [this.times[a], this.times[b]] = [this.times[b]!, this.times[a]!];
    [this.customers[a], this.customers[b]] = [this.customers[b]!, this.customers[a]!];
  }

  private push(time: number, customer: string): void {
    let at = this.times.push(time) - 1;
    this.customers.push(customer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  private pop(): void {
    const lastTime = this.times.pop()!;
    const lastCustomer = this.customers.pop()!;
    if (this.times.length === 0) return;
    this.times[0] = lastTime;
    this.customers[0] = lastCustomer;
    this.sink(0);
  }

  private sink(from: number): void {
    for (let at = from; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.times.length && this.before(child, least)) least = child;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private rebuild(): void {
    const live = [...this.current].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
    // Sorted ascending is a valid heap.
    this.times = live.map((entry) => entry[1]);
    this.customers = live.map((entry) => entry[0]);
  }
}
