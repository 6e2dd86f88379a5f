import type { GateAnswer, GateRequest, GateView } from '../ports/provider-gate.js';

/** What is kept of a provider; instants in ms of one clock for all processes. */
export interface GateState {
  /** The earliest next turn; in the past where nobody came for a while. */
  readonly nextTurn: number;
  readonly pausedUntil: number;
  readonly failures: number;
  /** null: closed. In the past: the next one is a probe. */
  readonly openUntil: number | null;
}

export const NEW_GATE: GateState = { nextTurn: 0, pausedUntil: 0, failures: 0, openUntil: null };

/** Attempts in a row without an answer that open the circuit. */
export const FAILURES_TO_OPEN = 5;
const FIRST_OPEN_MS = 10_000;
const LONGEST_OPEN_MS = 300_000;
/** Longer than any attempt: what became of a probe is known by then, or its process is gone. */
const PROBE_MS = 60_000;

/** Turns are evenly spaced and none is saved up, so in any stretch of time there are no more than the rate allows, and one. */
export function enterGate(state: GateState, request: GateRequest, now: number): readonly [GateState, GateAnswer] {
  const { failures, openUntil } = state;
  if (openUntil !== null && openUntil > now)
    return [state, { waitsMs: [], nextMs: openUntil - now, circuit: 'open', failures }];
  const isProbe = openUntil !== null;
  const spacing = request.ratePerSecond === null ? 0 : 1000 / request.ratePerSecond;
  const first = Math.max(state.nextTurn, state.pausedUntil, now);
  const wanted = isProbe ? Math.min(1, request.turns) : request.turns;
  const inReach = (turn: number): boolean => turn - now <= request.patienceMs;
  const turns = Array.from({ length: wanted }, (_, n) => first + n * spacing).filter(inReach);
  const nextTurn = first + turns.length * spacing;
  const answer: GateAnswer = {
    waitsMs: turns.map((turn) => turn - now),
    nextMs: isProbe && turns.length > 0 ? PROBE_MS : nextTurn - now,
    circuit: isProbe ? 'probe' : 'closed',
    failures,
  };
  const probing = isProbe && turns.length > 0 ? now + PROBE_MS : openUntil;
  return [{ ...state, nextTurn: turns.length > 0 ? nextTurn : state.nextTurn, openUntil: probing }, answer];
}

/** @param wasProbe what fails beside an open circuit had begun before it opened, and says nothing new. */
export function failedAtGate(state: GateState, wasProbe: boolean, now: number): GateState {
  if (!wasProbe && state.openUntil !== null) return state;
  const failures = state.failures + 1;
  if (failures < FAILURES_TO_OPEN) return { ...state, failures };
  const openMs = Math.min(FIRST_OPEN_MS * 2 ** Math.min(failures - FAILURES_TO_OPEN, 10), LONGEST_OPEN_MS);
  return { ...state, failures, openUntil: now + openMs };
}

export function answeredAtGate(state: GateState): GateState {
  return { ...state, failures: 0, openUntil: null };
}

export function pausedGate(state: GateState, ms: number, now: number): GateState {
  return { ...state, pausedUntil: Math.max(state.pausedUntil, now + ms) };
}

export function gateView(provider: string, state: GateState, now: number): GateView {
  const { failures, openUntil, pausedUntil } = state;
  return {
    provider,
    failures,
    openForMs: openUntil === null ? null : Math.max(0, openUntil - now),
    pausedForMs: pausedUntil > now ? pausedUntil - now : null,
  };
}
