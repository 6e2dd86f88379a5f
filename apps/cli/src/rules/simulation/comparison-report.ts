import type { Comparison, MessageDifference, SimulationSummary } from '#rule-testing';

/** How the workspace compares with another: `comparison` of `--format json`. */
export interface ComparisonReport extends Comparison {
  /** What it was compared with. */
  readonly against: string;
  /** The figures of the other side. */
  readonly other: Pick<SimulationSummary, 'reached' | 'sent' | 'postponed' | 'suppressed' | 'perCustomer'>;
}

export function comparisonOf(against: string, summary: SimulationSummary, comparison: Comparison): ComparisonReport {
  const { reached, sent, postponed, suppressed, perCustomer } = summary;
  return { against, other: { reached, sent, postponed, suppressed, perCustomer }, ...comparison };
}

const SIGNS = { only_workspace: '+', only_other: '-', moved: '~' } as const;
export const CHANGES = { only_workspace: 'only here', only_other: 'only there', moved: 'otherwise' } as const;

/** A difference as people read it, in parts: `+`, instant, channel, rule with key and template. */
export function inParts({ change, rule, key, template, workspace, other }: MessageDifference): {
  readonly sign: string;
  readonly at: string;
  readonly channel: string;
  readonly what: string;
} {
  const { at, channel } = change === 'only_other' ? other : workspace;
  const keyed = key === null ? '' : ` (key ${[key].flat().join(', ')})`;
  return { sign: SIGNS[change], at: at ?? '', channel: channel ?? '', what: `${rule}${keyed}: ${template}` };
}
