import { newKept, type Kept } from '../../customer/computed-state.js';
import type { Json } from '../../event/event.js';
import type { Computed, TrackingPlan } from '../../rules/model.js';
import { bucketMs } from '../computed/buckets.js';
import type { ComputedPlan } from '../computed/compile-computed.js';
import { KEPT_REMOVALS } from '../computed/keep-list.js';
import { KEPT_ENTRIES, LATE_MS } from '../computed/keeper.js';
import { bytesOf } from './measure.js';
import { SAMPLE_TIME, sampleEvent, sampleText } from './sample-event.js';

const HOUR_MS = 3_600_000;

export interface Sizes {
  /** After one event, bytes. */
  readonly first: number;
  /** With as much as is ever kept at once, bytes. */
  readonly full: number;
}

/** Measured with the keeper itself and the codec of states, so that no bound is written down twice. */
export function sizesOfAttribute(plan: ComputedPlan, definition: Computed, tracked: TrackingPlan | null): Sizes {
  const filled = (events: number, everyMs: number): number => {
    const kept = newKept();
    const begin = SAMPLE_TIME - events * everyMs;
    for (let number = 0; number < events; number++)
      take(kept, plan, definition, tracked, number, begin + number * everyMs);
    if (events > 1) takeOutOthers(kept, plan, definition);
    return bytesOf(({ computed }) => void computed.kept.set(plan.fingerprint, kept));
  };
  return { first: filled(1, HOUR_MS), full: filled(...fillOf(definition)) };
}

/** How many events, how far apart, fill it: all that is kept singly, and one in each hour or day of the window. */
function fillOf(definition: Computed): readonly [events: number, everyMs: number] {
  const { withinMs } = definition;
  if (definition.kind === 'list') return [definition.atMost, 1_000];
  if (withinMs === null) return [2, HOUR_MS];
  const each = bucketMs(withinMs);
  return [KEPT_ENTRIES + Math.ceil((withinMs + LATE_MS) / each) + 1, each];
}

// eslint-disable-next-line max-params -- one call for what is one thing: an event of a fill
function take(
  kept: Kept,
  { keeper, of }: ComputedPlan,
  definition: Computed,
  tracked: TrackingPlan | null,
  number: number,
  time: number,
): void {
  const [name = null] = of;
  keeper.take(kept, sampleEvent(name, tracked, time, valuesOf(definition, number)), time);
}

function valuesOf(definition: Computed, number: number): readonly (readonly [readonly string[], Json])[] {
  switch (definition.kind) {
    case 'count':
    case 'first time':
    case 'last time':
    case 'average gap':
      return [];
    // Each one more extreme than those that come after it, so that all of them wait for their turn.
    case 'max':
      return [[definition.property.names, 9_999.5 - number]];
    case 'sum':
    case 'average':
    case 'min':
      return [[definition.property.names, 1_000.5 + number]];
    case 'first':
    case 'last':
      return [[definition.property.names, sampleText(number)]];
    case 'list':
      return [definition.property, ...definition.keep].map(({ names }) => [names, sampleText(number)] as const);
  }
}

/** Removals are remembered for a while too, whatever the list holds. */
function takeOutOthers(kept: Kept, { keeper, until }: ComputedPlan, definition: Computed): void {
  const [name] = until;
  if (definition.kind !== 'list' || name === undefined) return;
  for (let number = 0; number < KEPT_REMOVALS; number++) {
    const id = sampleText(definition.atMost + number);
    keeper.takeOut?.(kept, sampleEvent(name, null, SAMPLE_TIME, [[definition.property.names, id]]), SAMPLE_TIME);
  }
}
