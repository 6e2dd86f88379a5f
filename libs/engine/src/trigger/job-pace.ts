export interface JobPace {
  /** Customers of one commit. */
  readonly chunk: number;
  /** Recorded events after which a commit takes no further customer: carts wait for the replay of so many. */
  readonly events: number;
  /** A job that waits for the recorder looks again after so long, real ms. */
  readonly waitMs: number;
}

/** Customers: engine.md, "For all customers of …". */
export const JOB_PACE: JobPace = { chunk: 500, events: 2_000, waitMs: 200 };
