import type { Config } from '#config';
import type { CollectOutcome, collectCalls } from '#engine';
import type { Backbone } from '#hosting';
import { withBackbone } from '../installation/with-installation.js';
import type { Terminal } from '../terminal/terminal.js';
import { findCollector, HttpSender } from './http-sender.js';

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

/**
 * Opens the way into the stream for the time of `use`: a running collector when one answers, else the stream itself,
 * with the collector's own code.
 */
export async function withEventSender<T>(
  terminal: Terminal,
  config: Config,
  options: SenderOptions,
  use: (sender: EventSender) => Promise<T>,
): Promise<T> {
  const collector = await findCollector(config);
  if (collector !== null) return use(new HttpSender(collector, options, (line) => terminal.err.line(line)));
  const { collectCalls: collect } = await import('#engine');
  return withBackbone(terminal, config, (backbone) => use(directSender(backbone, options, collect)));
}

function directSender(
  { stream, clock }: Backbone,
  { historical }: SenderOptions,
  collect: typeof collectCalls,
): EventSender {
  return {
    way: 'the event stream',
    running: false,
    send: (calls) =>
      collect(stream, {
        calls,
        type: null,
        sentAt: undefined,
        context: undefined,
        receivedAt: clock.now(),
        historical,
      }),
  };
}
