import type { GateAnswer, ProviderGate, SendResult } from '#engine';

/** Told of what holds attempts back; the names are those of the ways out. */
export interface LimitsObserver {
  /** Whether the circuit of a provider is open, at each look at it. */
  circuit(provider: string, open: boolean): void;
  postponed(provider: string, why: 'rate' | 'circuit'): void;
}

export interface LimiterOptions {
  readonly provider: string;
  readonly ratePerSecond: number | null;
  readonly gate: ProviderGate;
  readonly observer: LimitsObserver;
}

interface Waiter {
  readonly hear: (pass: Pass) => void;
  readonly refuse: (error: unknown) => void;
}

type Pass =
  | { readonly kind: 'go'; readonly at: number; readonly probe: boolean }
  | { readonly kind: 'later'; readonly waitMs: number; readonly why: 'rate' | 'circuit' };

/** A turn further away than this is another claim's. */
const PATIENCE_MS = 5_000;
/** A turn that is taken later than this would meet the next ones: it is given up for a new one. */
const LATE_MS = 100;
const TRIES = 3;
/** Without a rate the gate is asked so often whether the circuit is closed. */
const LOOK_MS = 1_000;
/** What one answer may stop for everybody. */
const LONGEST_PAUSE_MS = 60 * 60 * 1000;

/**
 * Keeps the attempts of this process at one provider within what all processes share (`ProviderGate`). Those that wait at
 * the same time ask together. Whoever has to wait longer than a few seconds is not tried at all: `postponed`.
 */
export class Limiter {
  private readonly waiting: Waiter[] = [];
  private asking = false;
  private failures = 0;
  private lookedAt = -Infinity;

  constructor(private readonly use: LimiterOptions) {}

  async run(attempt: () => Promise<SendResult>): Promise<SendResult> {
    const pass = await this.pass();
    if (pass.kind === 'later') {
      const detail =
        pass.why === 'circuit'
          ? 'nobody answers at this provider'
          : 'the rate of this provider is used up, or it asked to wait';
      this.use.observer.postponed(this.use.provider, pass.why);
      return { kind: 'postponed', detail, waitMs: pass.waitMs };
    }
    const result = await attempt();
    await this.learn(result, pass.probe);
    return result;
  }

  private async pass(): Promise<Pass> {
    if (this.use.ratePerSecond === null && this.failures === 0 && performance.now() - this.lookedAt < LOOK_MS)
      return { kind: 'go', at: 0, probe: false };
    for (let tries = 0; tries < TRIES; tries++) {
      const pass = await new Promise<Pass>((resolve, reject) => {
        this.waiting.push({ hear: resolve, refuse: reject });
        void this.ask();
      });
      if (pass.kind === 'later' || (await this.isOnTime(pass))) return pass;
    }
    return { kind: 'later', waitMs: LOOK_MS, why: 'rate' };
  }

  private async isOnTime({ at, probe }: Extract<Pass, { kind: 'go' }>): Promise<boolean> {
    // Timers count whole ms and may end a fraction of one early.
    for (let wait = at - performance.now(); wait > 0; wait = at - performance.now())
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(wait)));
    return probe || this.use.ratePerSecond === null || performance.now() - at <= LATE_MS;
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const { provider, ratePerSecond, gate, observer } = this.use;
    while (this.waiting.length > 0) {
      const asked = this.waiting.splice(0);
      try {
        const answer = await gate.enter({ provider, turns: asked.length, ratePerSecond, patienceMs: PATIENCE_MS });
        // Counted from the answer: a turn is never earlier than it is.
        this.lookedAt = performance.now();
        this.failures = answer.failures;
        observer.circuit(provider, answer.circuit !== 'closed');
        this.tell(asked, answer, this.lookedAt);
      } catch (error) {
        for (const waiter of asked) waiter.refuse(error);
      }
    }
    this.asking = false;
  }

  private tell(asked: readonly Waiter[], { waitsMs, nextMs, circuit }: GateAnswer, now: number): void {
    const spacing = this.use.ratePerSecond === null ? 0 : 1000 / this.use.ratePerSecond;
    asked.forEach((waiter, n) => {
      const wait = waitsMs[n];
      if (wait !== undefined) return waiter.hear({ kind: 'go', at: now + wait, probe: circuit === 'probe' });
      const waitMs = Math.ceil(nextMs + (n - waitsMs.length) * spacing);
      waiter.hear({ kind: 'later', waitMs, why: circuit === 'closed' ? 'rate' : 'circuit' });
    });
  }

  /** What an attempt says about the provider itself. That it could not be written down costs nothing but time. */
  private async learn(result: SendResult, probe: boolean): Promise<void> {
    const { gate, provider, observer } = this.use;
    try {
      if (result.kind === 'not permitted' || result.kind === 'postponed') return;
      if (result.kind === 'unknown' || (result.kind === 'temporary' && result.unreachable === true)) {
        this.failures++;
        return await gate.failed(provider, probe);
      }
      if (this.failures > 0 || probe) {
        await gate.answered(provider);
        this.failures = 0;
        observer.circuit(provider, false);
      }
      if (result.kind === 'temporary' && result.retryAfterMs !== null)
        await gate.pause(provider, Math.min(result.retryAfterMs, LONGEST_PAUSE_MS));
      if (result.kind === 'temporary' && result.retryAfterMs !== null) this.lookedAt = -Infinity;
    } catch {
      this.lookedAt = -Infinity;
    }
  }
}
