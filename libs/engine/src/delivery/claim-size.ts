/** Customers of one claim where nothing is in the way. */
const MOST = 500;
const LEAST = 8;
/** Between reading and writing PostgreSQL waits 5 s for the decisions, and ends the claim. */
const SLOW_MS = 1_000;

/**
 * How many customers are claimed at once. Their decisions are made inside the claim's transaction: where the machine or
 * the database is so busy that a claim takes long or fails, fewer are asked for, until it goes well again.
 */
export class ClaimSize {
  private size = MOST;

  get current(): number {
    return this.size;
  }

  /** @param tookMs the whole claim */
  succeeded(tookMs: number): void {
    this.size = tookMs > SLOW_MS ? Math.max(LEAST, this.size >> 1) : Math.min(MOST, this.size * 2);
  }

  failed(): void {
    this.size = Math.max(LEAST, this.size >> 1);
  }
}
