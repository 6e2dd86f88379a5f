import { median, percent, perCpu, perWall, spread, thousands, type Rounds } from './interleave.js';

export interface Benchmark<Name extends string> {
  readonly id: string;
  /** What is compared: `ours / baseline`, in words. */
  readonly title: string;
  readonly ours: Name;
  readonly baseline: Name;
  /** The ratio per CPU second must reach this. */
  readonly gate: number;
  readonly aim: number;
  /** How the results were checked in every round. */
  readonly checked: string;
}

/** Prints one ratio with its absolute figures; false where it is below its gate. */
export function report<Name extends string>(benchmark: Benchmark<Name>, rounds: Rounds<Name>): boolean {
  const { id, title, ours, baseline, gate, aim, checked } = benchmark;
  const ratios = rounds.map((round) => perCpu(round[ours]) / perCpu(round[baseline]));
  const wallRatios = rounds.map((round) => perWall(round[ours]) / perWall(round[baseline]));
  const ratio = median(ratios);
  const reached = ratio >= gate;
  const rates = (name: Name): string =>
    `${thousands(median(rounds.map((round) => perCpu(round[name]))))} k/cpu-s, ${thousands(median(rounds.map((round) => perWall(round[name]))))} k/s by the wall`;
  const varied = spread(rounds.map((round) => perCpu(round[baseline])));
  console.log(
    [
      '',
      `${id}  ${title}`,
      `    per CPU second   ${ratio.toFixed(2)}   of ${ratios.map((each) => each.toFixed(2)).join(' ')}   gate ${gate} ${reached ? 'reached' : 'MISSED'}, aim ${aim}`,
      `    by the wall      ${median(wallRatios).toFixed(2)}   of ${wallRatios.map((each) => each.toFixed(2)).join(' ')}`,
      `    ours             ${rates(ours)}`,
      `    baseline         ${rates(baseline)} (varied by ${percent(varied)})`,
      `    checked          ${checked}`,
    ].join('\n'),
  );
  return reached;
}
