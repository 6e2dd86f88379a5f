/**
 * Collects what is asked while the previous group is on its way, so that many callers share one commit. One group at a
 * time: the next begins when the last has ended, with everything that came meanwhile.
 */
export class Grouped<Item, Result> {
  private waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  private running = false;

  /** `perform` answers for all items of a group at once. */
  constructor(
    private readonly perform: (items: readonly Item[]) => Promise<(item: Item) => Result>,
    private readonly maxItems: number,
  ) {}

  ask(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    // One turn of the event loop: callers of the same turn share the first group too.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, this.maxItems);
      try {
        const answer = await this.perform(group.map((entry) => entry.item));
        for (const entry of group) entry.resolve(answer(entry.item));
      } catch (error) {
        for (const entry of group) entry.reject(error);
      }
    }
    this.running = false;
  }
}
