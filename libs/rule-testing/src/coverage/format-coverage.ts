import type { Paint } from '../tests/formats/paint.js';
import type { CoverageSummary, RuleCoverage } from './coverage.js';
import type { RulePart } from './rule-parts.js';

const KINDS = { start: 'start', stop: 'stop', goal: 'goal', step: 'step', branch: 'branch' } as const;

/** What no test has reached, rule by rule; for people. */
export function formatCoverage({ reached, total, rules }: CoverageSummary, paint: Paint): string {
  const width = Math.max(...rules.map(({ rule }) => rule.length), 0);
  return [
    `What the tests reach of the rules: ${share(reached, total)} (${reached} of ${total} starts, stops, goals, steps and branches)`,
    ...rules.flatMap((rule) => formatRule(rule, width, paint)),
  ].join('\n');
}

function formatRule({ rule, reached, total, missed }: RuleCoverage, width: number, paint: Paint): string[] {
  const line = `${rule.padEnd(width)}  ${share(reached, total).padStart(4)}  ${reached} of ${total}`;
  return [
    `  ${missed.length === 0 ? paint.good(`✓ ${line}`) : paint.bad(`✗ ${line}`)}`,
    ...missed.map((part) => `      ${sentence(part)}`),
  ];
}

function sentence({ kind, place, what }: RulePart): string {
  switch (kind) {
    case 'branch':
      return `${KINDS[kind]} ${place} is never taken (${what})`;
    case 'step':
      return `${KINDS[kind]} ${place} is never reached (${what})`;
    case 'start':
      return `no run starts with ${what}`;
    case 'stop':
      return `no run is stopped by ${what}`;
    case 'goal':
      return `no run reaches its goal by ${what}`;
  }
}

/** Rounded down: only what is complete is 100 %. */
function share(reached: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((100 * reached) / total)}%`;
}
