/** A wish to begin attempts at one provider. */
export interface GateRequest {
  /** `email`, `webhook:helpdesk`: as the worker names its ways out. */
  readonly provider: string;
  readonly turns: number;
  /** Of all processes together; null: no limit. */
  readonly ratePerSecond: number | null;
  /** A turn further away than this is not taken, ms. */
  readonly patienceMs: number;
}

/** Times are of the real clock: a provider's rate does not run faster in a demonstration. */
export interface GateAnswer {
  /** Waits of the turns that were given, ms, ascending; fewer than wanted where the rest is too far away. */
  readonly waitsMs: readonly number[];
  /** After which the first turn that was not given is to be had, ms. */
  readonly nextMs: number;
  /** `open`: nobody answered the last attempts, so no turn is given. `probe`: one turn is, to see whether somebody does again. */
  readonly circuit: 'closed' | 'open' | 'probe';
  /** Attempts in a row that nobody answered; who meets an answer says so when there were any. */
  readonly failures: number;
}

/** One provider as operations see it. */
export interface GateView {
  readonly provider: string;
  readonly failures: number;
  /** ms until the next probe; null: the circuit is closed. */
  readonly openForMs: number | null;
  /** ms that the provider asked everybody to wait; null: it does not. */
  readonly pausedForMs: number | null;
}

/**
 * What the attempts of all processes at one provider share: its rate, a pause that it asked for, its circuit breaker.
 * All but `enter` may fail silently for a while: they are repeated by the next attempt. Throws `StoreError`.
 */
export interface ProviderGate {
  enter(request: GateRequest): Promise<GateAnswer>;
  /** Nobody answered. Five in a row open the circuit: 10 s, and twice as long after each probe in vain, at most 5 minutes. */
  failed(provider: string, wasProbe: boolean): Promise<void>;
  /** Somebody answered, whatever it said. */
  answered(provider: string): Promise<void>;
  /** The provider asked everybody to wait. */
  pause(provider: string, ms: number): Promise<void>;
  view(): Promise<readonly GateView[]>;
}
