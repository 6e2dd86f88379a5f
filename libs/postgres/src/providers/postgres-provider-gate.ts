import {
  answeredAtGate,
  enterGate,
  failedAtGate,
  gateView,
  pausedGate,
  type GateAnswer,
  type GateRequest,
  type GateState,
  type GateView,
  type ProviderGate,
} from '#engine';
import type { PostgresPool, Statement } from '../connect/postgres-pool.js';

const NOW_MS = `extract(epoch from clock_timestamp())::float8 * 1000`;

const MAKE: Statement = {
  name: 'gate_make',
  text: `insert into provider_gate (provider) values ($1) on conflict do nothing`,
};
const LOCK: Statement = {
  name: 'gate_lock',
  text: `select next_turn, paused_until, failures, open_until from provider_gate where provider = $1 for update`,
};
/** After the lock: what was waited for it must not be lived a second time. */
const NOW: Statement = { name: 'gate_now', text: `select ${NOW_MS} as now` };
const WRITE: Statement = {
  name: 'gate_write',
  text: `update provider_gate set next_turn = $2, paused_until = $3, failures = $4, open_until = $5 where provider = $1`,
};
const VIEW: Statement = {
  name: 'gate_view',
  text: `select provider, next_turn, paused_until, failures, open_until, ${NOW_MS} as now from provider_gate order by provider`,
};

interface GateRow {
  readonly next_turn: number;
  readonly paused_until: number;
  readonly failures: number;
  readonly open_until: number | null;
}

/** One row a provider under its lock; the clock is the database's, the same for everybody. */
export class PostgresProviderGate implements ProviderGate {
  private readonly made = new Set<string>();

  constructor(private readonly pool: PostgresPool) {}

  async enter(request: GateRequest): Promise<GateAnswer> {
    return this.change(request.provider, (state, now) => enterGate(state, request, now));
  }

  async failed(provider: string, wasProbe: boolean): Promise<void> {
    await this.change(provider, (state, now) => [failedAtGate(state, wasProbe, now), null]);
  }

  async answered(provider: string): Promise<void> {
    await this.change(provider, (state) => [answeredAtGate(state), null]);
  }

  async pause(provider: string, ms: number): Promise<void> {
    await this.change(provider, (state, now) => [pausedGate(state, ms, now), null]);
  }

  async view(): Promise<readonly GateView[]> {
    const { rows } = await this.pool.run<GateRow & { provider: string; now: number }>(VIEW);
    return rows.map((row) => gateView(row.provider, toState(row), row.now));
  }

  private async change<T>(
    provider: string,
    decide: (state: GateState, now: number) => readonly [GateState, T],
  ): Promise<T> {
    if (!this.made.has(provider)) {
      await this.pool.run(MAKE, [provider]);
      this.made.add(provider);
    }
    return this.pool.transaction(async (session) => {
      const { rows } = await session.run<GateRow>(LOCK, [provider]);
      const clock = await session.run<{ now: number }>(NOW);
      const before = toState(rows[0]!);
      const [state, answer] = decide(before, clock.rows[0]!.now);
      if (state !== before) {
        const { nextTurn, pausedUntil, failures, openUntil } = state;
        await session.run(WRITE, [provider, nextTurn, pausedUntil, failures, openUntil]);
      }
      return answer;
    });
  }
}

function toState(row: GateRow): GateState {
  const { next_turn: nextTurn, paused_until: pausedUntil, failures, open_until: openUntil } = row;
  return { nextTurn, pausedUntil, failures, openUntil };
}
