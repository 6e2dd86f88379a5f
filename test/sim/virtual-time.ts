interface Waiting {
  readonly id: number;
  at: number;
  readonly every: number | null;
  readonly call: () => void;
}

const realImmediate = globalThis.setImmediate;

/**
 * Time that passes only when it is told to: in place of the timers and clocks of this process, so that the engine, which
 * knows nothing of it, runs through hours in seconds and twice alike.
 */
export class VirtualTime {
  now: number;
  private readonly waiting = new Map<number, Waiting>();
  private ids = 0;
  private immediates = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** From now on this process has no other clock; the clock port sees it too. */
  install(): void {
    const set = (every: boolean) => (call: () => void, ms?: number) => this.add(call, ms ?? 0, every);
    const clear = (id: unknown) => void this.waiting.delete(Number(id));
    Object.assign(globalThis, {
      setTimeout: set(false),
      setInterval: set(true),
      clearTimeout: clear,
      clearInterval: clear,
      setImmediate: (call: (...args: unknown[]) => void, ...args: unknown[]) => {
        this.immediates++;
        return realImmediate(() => {
          this.immediates--;
          call(...args);
        });
      },
    });
    Date.now = () => this.now;
    performance.now = () => this.now;
  }

  /** Forgets what processes that are gone wanted to be woken for. */
  forgetAll(): void {
    this.waiting.clear();
  }

  /** ms; null: nobody waits. */
  get next(): number | null {
    let next: number | null = null;
    for (const { at } of this.waiting.values()) if (next === null || at < next) next = at;
    return next;
  }

  /** Moves on and calls what became due, the earliest first; an interval that was passed many times is called once. */
  moveTo(instant: number): void {
    this.now = Math.max(this.now, instant);
    const due = [...this.waiting.values()].filter(({ at }) => at <= this.now);
    for (const waiting of due.sort((a, b) => a.at - b.at || a.id - b.id)) {
      if (!this.waiting.has(waiting.id)) continue;
      if (waiting.every === null) this.waiting.delete(waiting.id);
      else waiting.at = this.now + waiting.every;
      waiting.call();
    }
  }

  /** Until all that can go on without the world's answer has gone on. */
  async settle(): Promise<void> {
    do await new Promise((resolve) => realImmediate(resolve));
    while (this.immediates > 0);
  }

  private add(call: () => void, ms: number, repeats: boolean): number {
    const id = ++this.ids;
    this.waiting.set(id, { id, at: this.now + Math.max(1, ms), every: repeats ? Math.max(1, ms) : null, call });
    return id;
  }
}
