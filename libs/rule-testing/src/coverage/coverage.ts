import type { Rule, Workspace } from '#core';
import type { RunEvent, TestRun } from '../tests/run-test.js';
import { meetsOccasion, meetsStart } from './meets-occasion.js';
import { partsOf, type RulePart } from './rule-parts.js';

/** What of the rules a set of tests has reached. */
export interface CoverageSummary {
  readonly reached: number;
  readonly total: number;
  /** By name; of rules that are not tested at all everything is missed. */
  readonly rules: readonly RuleCoverage[];
}

export interface RuleCoverage {
  readonly rule: string;
  readonly reached: number;
  readonly total: number;
  /** In the order of the rule. */
  readonly missed: readonly RulePart[];
}

/** Adds up what tests reach: starts, stops, goals, steps and the branches of steps. */
export class CoverageCollector {
  private readonly rules: ReadonlyMap<string, { readonly rule: Rule; readonly reached: Set<string> }>;

  constructor({ rules }: Workspace) {
    this.rules = new Map(rules.map((rule) => [rule.name, { rule, reached: new Set<string>() }]));
  }

  add({ traces, steps, events }: Pick<TestRun, 'traces' | 'steps' | 'events'>): void {
    for (const [name, paths] of steps) {
      const reached = this.rules.get(name)?.reached;
      for (const path of paths) reached?.add(`step ${path}`);
    }
    const eventOf = (id: string | null): RunEvent | undefined => (id === null ? undefined : events.get(id));
    for (const { trace } of traces) {
      const covered = this.rules.get(trace.rule);
      if (covered === undefined) continue;
      const { rule, reached } = covered;
      switch (trace.kind) {
        case 'branch':
          reached.add(`branch ${trace.step}.${trace.branch}`);
          break;
        case 'started':
          addFirst(reached, 'start', rule.starts, (start) => meetsStart(start, eventOf(trace.event)));
          break;
        case 'ended':
          if (trace.outcome === 'goal_reached')
            addFirst(reached, 'goal', rule.goal?.occasions ?? [], (each) => meetsOccasion(each, eventOf(trace.by)));
          if (trace.outcome === 'stopped' && trace.by !== null)
            addFirst(reached, 'stop', rule.stop, (each) => meetsOccasion(each, eventOf(trace.by)));
          break;
        default:
          break;
      }
    }
  }

  summary(): CoverageSummary {
    const rules = [...this.rules.values()].map(({ rule, reached }): RuleCoverage => {
      const parts = partsOf(rule);
      const missed = parts.filter((part) => !reached.has(`${part.kind} ${part.place}`));
      return { rule: rule.name, reached: parts.length - missed.length, total: parts.length, missed };
    });
    const sum = (of: (rule: RuleCoverage) => number): number => rules.reduce((total, rule) => total + of(rule), 0);
    return { reached: sum(({ reached }) => reached), total: sum(({ total }) => total), rules };
  }
}

/** Of several that an event may have been, the first has started or ended the run. */
function addFirst<T>(
  reached: Set<string>,
  kind: RulePart['kind'],
  occasions: readonly T[],
  meets: (occasion: T) => boolean,
): void {
  const index = occasions.length === 1 ? 0 : occasions.findIndex(meets);
  if (index >= 0) reached.add(`${kind} ${index + 1}`);
}
