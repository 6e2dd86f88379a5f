/**
 * The one place through which instants reach Kairos. Append times of the stream, the database's clock and the host's
 * clock all pass through `at`, so that a scaled or stepped clock can drive a demonstration or a test (engine.md, Time).
 * In production `at` is the identity.
 */
export interface Clock {
  /** The instant (ms since 1970 UTC) that a real instant of broker, database or host stands for. Must be monotone. */
  at(realMs: number): number;
  /** `at` of the host's clock: only a hint (when to tick, when to poll), never a decision. */
  now(): number;
}
