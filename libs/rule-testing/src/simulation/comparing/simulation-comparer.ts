import { compareCodePoints, formatInstant, type DeliveryDecision, type TraceEntry, type Workspace } from '#core';
import type { Comparison, Fate, MessageDifference, RuleComparison, Side } from './comparison.js';
import { RunMemory } from './run-memory.js';
import { isSameMessage, reasonOf, SideOutcomes, type Outcome } from './side-outcomes.js';
import { whyOf } from './why.js';

/** One message on both sides: at least one of them sent it. */
interface Pair {
  readonly workspace: Outcome | null;
  readonly other: Outcome | null;
}

interface RuleCounts {
  same: number;
  moved: number;
  onlyWorkspace: number;
  onlyOther: number;
  readonly customers: Set<string>;
}

/**
 * Compares what two simulations of the same recording decide, while they run side by side: what both decide alike is
 * forgotten at once, so that it remembers the differences, what waits, and a little of each customer's runs.
 */
export class SimulationComparer {
  private readonly outcomes = { workspace: new SideOutcomes(), other: new SideOutcomes() };
  private readonly memories = { workspace: new RunMemory(), other: new RunMemory() };
  private readonly names: { readonly [side in Side]: ReadonlySet<string> };
  private readonly counts = new Map<string, RuleCounts>();
  private fresh: { readonly side: Side; readonly outcome: Outcome }[] = [];

  constructor(workspaces: { readonly [side in Side]: Workspace }) {
    const names = ({ rules }: Workspace): ReadonlySet<string> => new Set(rules.map(({ name }) => name));
    this.names = { workspace: names(workspaces.workspace), other: names(workspaces.other) };
    for (const rule of [...this.names.workspace, ...this.names.other].sort())
      this.counts.set(rule, { same: 0, moved: 0, onlyWorkspace: 0, onlyOther: 0, customers: new Set() });
  }

  heard(side: Side, event: Parameters<RunMemory['heard']>[0]): void {
    this.memories[side].heard(event);
  }

  traced(side: Side, customer: string, trace: TraceEntry): void {
    this.memories[side].note(customer, trace);
  }

  decided(side: Side, decision: DeliveryDecision): void {
    const { verdict, message } = decision;
    // Calls of addresses are nothing that a customer gets.
    if (message.plan.webhook !== null) return;
    this.outcomes[side].noteOpen(decision);
    if (verdict.kind === 'defer') return;
    if (this.outcomes[opposite(side)].takeSame(decision)) {
      if (verdict.kind === 'send') this.counts.get(message.plan.rule)!.same++;
      return;
    }
    const outcome: Outcome = { decision, elsewhere: null, matched: false };
    this.outcomes[side].keep(outcome);
    this.fresh.push({ side, outcome });
  }

  /** Both sides have come to the same place of the recording: what they decided differently is looked into while it is remembered. */
  settle(): void {
    if (this.fresh.length === 0) return;
    for (const { side, outcome } of this.fresh) {
      if (!outcome.matched && isSent(outcome))
        outcome.elsewhere = this.memories[opposite(side)].about(outcome.decision, true);
    }
    this.fresh = [];
  }

  finish(): Comparison {
    this.settle();
    const customers = new Set([...this.outcomes.workspace.final.keys(), ...this.outcomes.other.final.keys()]);
    const differences = [...customers].sort(compareCodePoints).flatMap((customer) => this.differencesOf(customer));
    return {
      customers: new Set(differences.map(({ customer }) => customer)).size,
      rules: [...this.counts].map(([rule, { customers: own, ...counts }]): RuleComparison => ({
        rule,
        ...counts,
        customers: own.size,
      })),
      differences,
    };
  }

  private differencesOf(customer: string): MessageDifference[] {
    const pairs = pairUp(
      this.outcomes.workspace.final.get(customer) ?? [],
      this.outcomes.other.final.get(customer) ?? [],
    );
    return pairs
      .filter(({ workspace, other }) => isSent(workspace) || isSent(other))
      .sort((a, b) => sentAt(a) - sentAt(b))
      .flatMap((pair) => this.difference(customer, pair));
  }

  private difference(customer: string, pair: Pair): readonly MessageDifference[] {
    const { rule, key, template } = (pair.workspace ?? pair.other)!.decision.message.plan;
    const fates = { workspace: this.fate('workspace', pair), other: this.fate('other', pair) };
    const counts = this.counts.get(rule)!;
    const both = isSent(pair.workspace) && isSent(pair.other);
    if (both && fates.workspace.at === fates.other.at && fates.workspace.channel === fates.other.channel) {
      counts.same++;
      return [];
    }
    const change = both ? 'moved' : isSent(pair.workspace) ? 'only_workspace' : 'only_other';
    counts.customers.add(customer);
    if (change === 'moved') counts.moved++;
    else if (change === 'only_workspace') counts.onlyWorkspace++;
    else counts.onlyOther++;
    return [{ customer, change, rule, key, template, ...fates, why: whyOf(change, fates) }];
  }

  private fate(side: Side, pair: Pair): Fate {
    const own = pair[side];
    if (own !== null) return fateOf(own.decision, own.decision.verdict.kind === 'send' ? 'sent' : 'suppressed', null);
    const { decision, elsewhere } = pair[opposite(side)]!;
    // How its run ended later tells more than where it stood then, if it is still remembered.
    const latest = this.memories[side].about(decision, false) ?? elsewhere ?? 'no run of the rule began';
    const { customer, rule } = decision.message.plan;
    if (!this.names[side].has(rule)) return NO_RULE;
    const waiting = [...(this.outcomes[side].open.get(customer)?.values() ?? [])];
    const open = waiting.find((each) => isSameMessage(each, decision));
    if (open !== undefined) return fateOf(open, 'open', null);
    return { ...NO_RULE, outcome: 'not_planned', detail: latest };
  }
}

const NO_RULE: Fate = { outcome: 'no_rule', at: null, step: null, channel: null, reason: null, detail: null };

function opposite(side: Side): Side {
  return side === 'workspace' ? 'other' : 'workspace';
}

/** Decisions about the same message stand together, those with the same id first; the rest stand alone. */
function pairUp(ours: readonly Outcome[], theirs: readonly Outcome[]): Pair[] {
  const left = [...theirs];
  const pairs: Pair[] = [];
  const take = (workspace: Outcome, belongs: (other: Outcome) => boolean): boolean => {
    const index = left.findIndex(belongs);
    if (index === -1) return false;
    pairs.push({ workspace, other: left.splice(index, 1)[0]! });
    return true;
  };
  const alone = ours.filter(
    (own) => !take(own, (other) => idOf(own) === idOf(other) && isSameMessage(own.decision, other.decision)),
  );
  for (const own of alone)
    if (!take(own, (other) => isSameMessage(own.decision, other.decision))) pairs.push({ workspace: own, other: null });
  return [...pairs, ...left.map((other) => ({ workspace: null, other }))];
}

function idOf({ decision }: Outcome): string {
  return decision.message.plan.id;
}

function isSent(outcome: Outcome | null): boolean {
  return outcome?.decision.verdict.kind === 'send';
}

function sentAt({ workspace, other }: Pair): number {
  return (isSent(workspace) ? workspace! : other!).decision.at;
}

function fateOf(decision: DeliveryDecision, outcome: Fate['outcome'], detail: string | null): Fate {
  const { at, verdict, message } = decision;
  return {
    outcome,
    at: formatInstant(at),
    step: message.plan.step,
    channel: verdict.channel,
    reason: reasonOf(decision),
    detail,
  };
}
