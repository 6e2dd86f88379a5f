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

  /** Whether anything may be due before an instant: where this says no, nothing is. Costs nothing. */
  mayBeDueBefore(instant: number): boolean {
    // What is stale is never later than what counts.
    return this.times.length > 0 && this.times[0]! < instant;
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
    // Asked for every record of the stream: what is stale is never later than what counts, so it need not be dropped here.
    if (this.times.length === 0 || this.times[0]! >= before) return null;
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

  /** Whether this instant comes before that of the entry at `at`. */
  private before(time: number, customer: string, at: number): boolean {
    const other = this.times[at]!;
    return time < other || (time === other && customer < this.customers[at]!);
  }

  private put(at: number, time: number, customer: string): void {
    this.times[at] = time;
    this.customers[at] = customer;
  }

  private push(time: number, customer: string): void {
    let at = this.times.length;
    this.put(at, time, customer);
    for (let parent = (at - 1) >> 1; at > 0 && this.before(time, customer, parent); parent = (at - 1) >> 1) {
      this.put(at, this.times[parent]!, this.customers[parent]!);
      at = parent;
    }
    this.put(at, time, customer);
  }

  private pop(): void {
    const lastTime = this.times.pop()!;
    const lastCustomer = this.customers.pop()!;
    if (this.times.length === 0) return;
    this.sink(lastTime, lastCustomer);
  }

  /** Puts an entry where the first one was taken away. */
  private sink(time: number, customer: string): void {
    const { times, customers } = this;
    let at = 0;
    for (let child = 1; child < times.length; child = 2 * at + 1) {
      if (child + 1 < times.length && this.before(times[child + 1]!, customers[child + 1]!, child)) child++;
      if (this.before(time, customer, child)) break;
      this.put(at, times[child]!, customers[child]!);
      at = child;
    }
    this.put(at, time, customer);
  }

  private rebuild(): void {
    const live = [...this.current].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
    // Sorted ascending is a valid heap.
    this.times = live.map((entry) => entry[1]);
    this.customers = live.map((entry) => entry[0]);
  }
}
