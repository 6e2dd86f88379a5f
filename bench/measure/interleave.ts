import type { Sample } from './side.js';

/** How much the baseline may vary, (largest − smallest) / median, before nothing is believed. */
const MAX_SPREAD = 0.15;
const ATTEMPTS = 3;

export type Sides<Name extends string> = { readonly [side in Name]: () => Promise<Sample> };
export type Rounds<Name extends string> = { readonly [side in Name]: Sample }[];

/**
 * One round after the other, in each round every side once, in turn first and last. Where the rate of `baseline` varies
 * by more than 15 % all rounds are repeated; after the third time the steadiest are returned.
 */
export async function interleave<Name extends string>(
  sides: Sides<Name>,
  baseline: NoInfer<Name>,
  rounds: number,
  say: (line: string) => void,
): Promise<Rounds<Name>> {
  let best: Rounds<Name> | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const measured = await runRounds(sides, rounds, say);
    const varied = spread(measured.map((round) => perCpu(round[baseline])));
    if (best === undefined || varied < spread(best.map((round) => perCpu(round[baseline])))) best = measured;
    if (varied <= MAX_SPREAD) break;
    say(
      `  the baseline varied by ${percent(varied)}: ${attempt < ATTEMPTS ? 'again' : 'this machine is too busy, the steadiest rounds count'}`,
    );
  }
  return best!;
}

async function runRounds<Name extends string>(
  sides: Sides<Name>,
  rounds: number,
  say: (line: string) => void,
): Promise<Rounds<Name>> {
  const measured: Rounds<Name> = [];
  const names = Object.keys(sides) as Name[];
  for (let round = 0; round < rounds; round++) {
    const samples: Partial<Record<Name, Sample>> = {};
    for (const name of round % 2 === 0 ? names : names.toReversed()) samples[name] = await sides[name]();
    measured.push(samples as Record<Name, Sample>);
    say(
      `  round ${round + 1}: ${names.map((name) => `${name} ${thousands(perCpu(samples[name]!))} k/cpu-s`).join(', ')}`,
    );
  }
  return measured;
}

/** Events per second of processor time. */
export function perCpu({ events, cpu }: Sample): number {
  return events / cpu;
}

export function perWall({ events, wall }: Sample): number {
  return events / wall;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `123` for 123,400; `9.4` for 9,400. */
export function thousands(rate: number): string {
  return rate < 20_000 ? (rate / 1000).toFixed(1) : String(Math.round(rate / 1000));
}
