import { textFingerprint } from '../../customer/text-hash.js';
import type { Condition, Occasion, Start, Step } from '../../rules/model.js';
import { compileSegment } from '../conditions/compile-condition.js';
import { compileFlips, type Flips } from '../conditions/compile-flips.js';
import { pathsOf } from '../conditions/condition-needs.js';
import type { Test } from '../conditions/condition-context.js';
import { CounterPlans, type CounterPlan } from '../conditions/history.js';
import { compileComputed, type ComputedPlan } from './compile-computed.js';
import { leanedOn, type Definitions } from './definitions.js';

/** A segment whose comings and goings somebody listens to. */
export interface SegmentPlan {
  readonly name: string;
  /** Of its definition: a segment that is defined anew is a new one, in which everybody already is who is in it. */
  readonly fingerprint: number;
  readonly test: Test;
  /** null: time alone never changes it. */
  readonly flips: Flips | null;
  /** Events that may change it. */
  readonly events: ReadonlySet<string>;
  /** Traits may change it. */
  readonly readsTraits: boolean;
  readonly counters: readonly CounterPlan[];
  readonly computed: readonly ComputedPlan[];
}

export function compileSegmentPlan(name: string, definitions: Definitions): SegmentPlan {
  const plans = new CounterPlans(definitions);
  const condition = definitions.segments[name]!;
  const test = compileSegment(name, plans);
  const flips = compileFlips(condition, plans);
  const computed = compileComputed(plans);
  const counters = plans.all();
  const leaning = leanedOn(condition, definitions);
  const events = [
    ...counters.flatMap(({ names }) => names),
    ...computed.flatMap((plan) => [...plan.of, ...plan.until]),
  ];
  return {
    name,
    fingerprint: textFingerprint(JSON.stringify(['segment', condition, leaning])),
    test,
    flips,
    events: new Set(events),
    readsTraits: [condition, ...segmentConditions(leaning)].some((each) => readsTraits(each, definitions)),
    counters,
    computed,
  };
}

function segmentConditions(leaning: ReturnType<typeof leanedOn>): Condition[] {
  return leaning.filter(([place]) => place.startsWith('segment ')).map(([, condition]) => condition as Condition);
}

/** Dates are read in the customer's zone, which is a trait: whatever reads a path that is no computed attribute may. */
function readsTraits(condition: Condition, { computed }: Definitions): boolean {
  return pathsOf(condition).some(({ root, names }) => root === 'customer' && !Object.hasOwn(computed, names[0] ?? ''));
}

/** Names of the segments whose comings and goings these occasions are. */
export function listenedSegments(occasions: readonly (Occasion | Start)[]): string[] {
  return occasions.flatMap((occasion) =>
    occasion.kind === 'enters' || occasion.kind === 'leaves' ? [occasion.segment] : [],
  );
}

/** The occasions that the waits of these steps listen for. */
export function waitedFor(steps: readonly Step[]): Occasion[] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case 'wait for':
        return [...step.occasions, ...waitedFor(step.then), ...waitedFor(step.onTimeout)];
      case 'wait until':
        return [...waitedFor(step.then), ...waitedFor(step.onPast)];
      case 'if':
        return [...waitedFor(step.then), ...waitedFor(step.else)];
      case 'split':
        return step.branches.flatMap((branch) => waitedFor(branch.steps));
      case 'repeat':
        return waitedFor(step.steps);
      default:
        return [];
    }
  });
}
