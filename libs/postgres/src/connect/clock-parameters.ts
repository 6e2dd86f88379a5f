import type { Clock } from '#engine';

/**
 * Three numbers through which a statement passes the database's clock through the clock port, for instants that must be
 * read in the statement itself. Exact for clocks that run evenly (the real one, a scaled one).
 */
export function clockParameters(clock: Clock): readonly [realMs: number, atMs: number, rate: number] {
  const realMs = Date.now();
  const atMs = clock.at(realMs);
  return [realMs, atMs, (clock.at(realMs + 1000) - atMs) / 1000];
}

/** SQL of that instant (timestamptz); the three parameters stand at `first` and after it. */
export function nowOfClock(first: number): string {
  const [real, at, rate] = [first, first + 1, first + 2].map((n) => `$${n}::float8`);
  return `to_timestamp((${at} + (extract(epoch from clock_timestamp())::float8 * 1000 - ${real}) * ${rate}) / 1000)`;
}

/** SQL of a timestamptz as whole ms since 1970 UTC. */
export function msOf(expression: string): string {
  return `floor(extract(epoch from ${expression}) * 1000)::int8`;
}
