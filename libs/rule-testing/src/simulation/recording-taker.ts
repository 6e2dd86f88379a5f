import type { LineProblem } from './simulate.js';

/** What a recording is read into, line by line: a simulation, or two of them at once. */
export interface RecordingTaker {
  /** Events that were taken. */
  readonly events: number;
  /** Of them, those that lie more than an hour before one that was taken earlier. */
  readonly disordered: number;
  /** Further lines are not looked at. */
  readonly hasEnded: boolean;
  customer(json: unknown, fallbackId: string): LineProblem | null;
  /** true: the line concerns nobody, and all is done. */
  passBy(bytes: Uint8Array, start: number, end: number): boolean;
  /** @param historical it was imported: it fills profiles and counters and starts nothing; default false */
  line(json: unknown, fallbackId: string, historical?: boolean): LineProblem | null;
  finish(): void;
}
