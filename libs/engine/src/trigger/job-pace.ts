export interface JobPace {
  /** Customers of one commit. */
  readonly chunk: number;
  /** A job that waits for the recorder looks again after so long, real ms. */
  readonly waitMs: number;
}

/** Customers: engine.md, "For all customers of …". */
export const JOB_PACE: JobPace = { chunk: 500, waitMs: 200 };
