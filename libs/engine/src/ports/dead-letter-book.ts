import type { StreamHeaders } from './event-stream.js';

export interface DeadLetterQuery {
  readonly reason?: string;
  /** ms. */
  readonly since?: number;
  /** Also those that were replayed or dropped. Default false. */
  readonly settled?: boolean;
  readonly limit: number;
}

/** A record that could not be read or applied, as it is kept. Times are ms of the clock port. */
export interface KeptDeadLetter {
  /** Counts up; for people. */
  readonly id: string;
  readonly stream: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was put aside. */
  readonly at: number;
  readonly reason: string;
  readonly detail: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: StreamHeaders | null;
  readonly replayable: boolean;
  /** null: nobody has looked at it yet. */
  readonly resolution: 'replayed' | 'dropped' | null;
  readonly resolvedAt: number | null;
  readonly resolvedBy: string | null;
  /** Customers of whom nothing that needs consent is sent meanwhile. */
  readonly held: number;
}

/** What could not be read or applied, for whoever runs Kairos. Throws `StoreError` when the database could not be asked. */
export interface DeadLetterBook {
  /** The latest first. */
  list(query: DeadLetterQuery): Promise<readonly KeptDeadLetter[]>;
  /** Those of these ids that there are, the oldest first. */
  find(ids: readonly string[]): Promise<readonly KeptDeadLetter[]>;
  /**
   * It was appended to its partition again, at this offset: held customers are held until the engine has passed it.
   * @param by who wanted it
   */
  noteReplayed(id: string, offset: number, by: string): Promise<void>;
  /** They are not wanted any more; nobody is held for them. @returns the ids that were open until now */
  drop(ids: readonly string[], by: string): Promise<readonly string[]>;
}
