import { WaitedInVainError } from './waited-in-vain-error.js';

/** What arrived somewhere, in order, and a way to wait for what has not arrived yet. */
export class Arrivals<T> {
  readonly all: T[] = [];
  private readonly waiting = new Set<(item: T) => void>();

  constructor(private readonly what: string) {}

  add(item: T): void {
    this.all.push(item);
    for (const hear of this.waiting) hear(item);
  }

  /** The first that matches, whether it arrived already or will. Throws WaitedInVainError after `limitMs`. */
  first(matches: (item: T) => boolean = () => true, limitMs = 90_000): Promise<T> {
    const there = this.all.find(matches);
    return there === undefined ? this.later(() => this.all.find(matches), limitMs) : Promise.resolve(there);
  }

  /** All that match, as soon as they are `count`. Throws WaitedInVainError after `limitMs`. */
  atLeast(count: number, matches: (item: T) => boolean = () => true, limitMs = 90_000): Promise<T[]> {
    const enough = (): T[] | undefined => {
      const found = this.all.filter(matches);
      return found.length >= count ? found : undefined;
    };
    const there = enough();
    return there === undefined ? this.later(enough, limitMs) : Promise.resolve(there);
  }

  private later<R>(look: () => R | undefined, limitMs: number): Promise<R> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.waiting.delete(hear);
        finish();
      };
      const hear = (): void => {
        const found = look();
        if (found !== undefined) settle(() => resolve(found));
      };
      const timer = setTimeout(
        () => settle(() => reject(new WaitedInVainError(this.what, limitMs, `${this.all.length} arrived`))),
        limitMs,
      );
      // Whoever waits is kept alive by what is to arrive; one who has given up is not to be.
      timer.unref();
      this.waiting.add(hear);
    });
  }
}
