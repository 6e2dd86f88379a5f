/** One of several workers that decide about the same messages at the same time. */
export interface CapJob {
  readonly databaseUrl: string;
  readonly how: 'claims' | 'upserts';
  readonly customers: number;
  readonly each: number;
  readonly worker: number;
  readonly workers: number;
}

/** Whoever wants to begin waits for this lock, which the bench holds until all are there. */
export const START_LOCK = 4_711;
