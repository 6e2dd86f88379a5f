import type { LineProblem } from '../../files/line-problems.js';
import type { Simulation, SimulationSummary, UnheardEvent } from '#rule-testing';

/** The figures of a simulation; as they stand this is `--format json`. */
export interface SimulationReport extends SimulationSummary {
  readonly events: number;
  /** All that the files name, also those to whom nothing was said. */
  readonly customers: number;
  /** Instant of the first event, and where simulated time ended; null without any event. */
  readonly from: string | null;
  readonly to: string | null;
  /** What rules wait for and the recording does not hold. */
  readonly unheard: readonly UnheardEvent[];
  /** When simulated time ended. */
  readonly openRuns: number;
  readonly openMessages: number;
  readonly unreadableLines: number;
  /** The first of them. */
  readonly problems: readonly LineProblem[];
}

export function reportOf(
  simulation: Simulation,
  summary: SimulationSummary,
  problems: readonly { readonly count: number; readonly first: readonly LineProblem[] }[],
): SimulationReport {
  const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    events: simulation.events,
    customers: simulation.customers,
    from: instant(simulation.begin),
    to: instant(simulation.end),
    ...summary,
    unheard: simulation.unheard,
    openRuns: simulation.openRuns,
    openMessages: simulation.openMessages,
    unreadableLines: problems.reduce((sum, { count }) => sum + count, 0),
    problems: problems.flatMap(({ first }) => first),
  };
}
