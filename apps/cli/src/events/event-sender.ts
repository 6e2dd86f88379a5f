import type { CollectOutcome } from '#engine';

/** One way into the event stream. */
export interface EventSender {
  /** For people: `http://127.0.0.1:8080`, `the event stream`. */
  readonly way: string;
  /** Events that are read by a running Kairos at once; otherwise they wait in the stream. */
  readonly running: boolean;
  /** At most 2,500 calls and 500 KB. Resolves when they are safe; throws CommandError and StoreError. */
  send(calls: readonly unknown[]): Promise<CollectOutcome>;
}

export interface SenderOptions {
  /** Imported history: fills profiles and counters and starts nothing. */
  readonly historical: boolean;
  /** How often a collector that is busy is asked; with its own Retry-After they are 5 s apart. */
  readonly tries: number;
}
