/** Evenly spaced attempts of one process, `perSecond` at most. */
export class RateLimit {
  private next = 0;
  private readonly spacingMs: number;

  /** null: no limit. */
  constructor(perSecond: number | null) {
    this.spacingMs = perSecond === null ? 0 : 1000 / perSecond;
  }

  /**
   * Waits for its turn. When that is further away than `patienceMs` it takes none and returns how long it would have
   * been, ms; otherwise 0.
   */
  async turn(patienceMs: number): Promise<number> {
    if (this.spacingMs === 0) return 0;
    const now = performance.now();
    const turn = Math.max(now, this.next);
    const wait = turn - now;
    if (wait > patienceMs) return Math.ceil(wait);
    this.next = turn + this.spacingMs;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return 0;
  }
}
