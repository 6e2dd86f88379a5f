import type { InboxBook, ProviderGate } from '#engine';
import type { LimitsObserver } from './limits/limiter.js';

export interface ProviderOptions {
  /** Folder of the file outbox, made at the first message. */
  readonly outbox: string;
  readonly clock: { now(): number };
  /** Base of the addresses where providers tell what became of a message, without a slash at its end. */
  readonly publicUrl: string;
  /** Channels without a provider: into the outbox (development), or an error (production). */
  readonly fallback: 'outbox' | 'refuse';
  /** What all processes share of each provider; null: nothing, a single message of no rule is sent. */
  readonly gate: ProviderGate | null;
  readonly inbox: InboxBook;
  readonly observer: LimitsObserver;
}

/** Values of environment variables by their names. */
export type Secrets = { readonly [name: string]: string | undefined };
