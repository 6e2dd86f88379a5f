import type { CustomerState } from '../../customer/customer-state.js';
import { textFingerprint } from '../../customer/text-hash.js';
import type { Json } from '../../event/event.js';
import type { Computed } from '../../rules/model.js';
import { counterFingerprint } from '../conditions/counter-fingerprint.js';
import { leanedOn, type Definitions } from './definitions.js';
import { keepAmounts } from './keep-amounts.js';
import { keepList } from './keep-list.js';
import { averageGapMs, keepTimes, spanReader } from './keep-times.js';
import { keepExtreme, keepFirst, keepLast } from './keep-values.js';
import type { Keeper } from './keeper.js';
import { propertyReader } from '../../event/read-property.js';

/** A computed attribute as it is read from a customer's state. */
export interface ComputedReader {
  /** The value at `now`; undefined: missing. */
  value(state: CustomerState, now: number): Json | undefined;
  /** `.count` of a list; undefined for everything else. */
  count(state: CustomerState, now: number): number | undefined;
  /** The earliest instant after `now` at which time alone may change the value, ms; null: it never does. */
  readonly changesAt: ((state: CustomerState, now: number) => number) | null;
  /** Where its raw material lies in the state. */
  readonly fingerprint: number;
}

export function computedReader(definition: Computed, definitions: Definitions): ComputedReader {
  const fingerprint = computedFingerprint(definition, definitions);
  if (isCounter(definition)) {
    return {
      value: (state) => state.counters.get(fingerprint)?.total ?? 0,
      count: () => undefined,
      changesAt: null,
      fingerprint,
    };
  }
  const keeper = keeperOf(definition);
  return {
    value: (state, now) => keeper.read(state.computed.kept.get(fingerprint), now),
    count(state, now) {
      const kept = state.computed.kept.get(fingerprint);
      return keeper.count === undefined || kept === undefined ? keeper.count && 0 : keeper.count(kept, now);
    },
    changesAt:
      definition.withinMs === null
        ? null
        : (state, now) => {
            const kept = state.computed.kept.get(fingerprint);
            return kept === undefined ? Infinity : keeper.changesAt(kept, now);
          },
    fingerprint,
  };
}

/** The average gap in ms, of an `average gap`; null: unknown. */
export function gapReader(
  definition: Computed,
  definitions: Definitions,
): (state: CustomerState, now: number) => number | null {
  const fingerprint = computedFingerprint(definition, definitions);
  const spanOf = spanReader(definition.withinMs);
  return (state, now) => {
    const kept = state.computed.kept.get(fingerprint);
    return kept === undefined ? null : averageGapMs(spanOf(kept, now));
  };
}

/** A count for ever is what history conditions count as well: one counter serves both. */
export function isCounter(definition: Computed): boolean {
  return definition.kind === 'count' && definition.withinMs === null;
}

export function computedFingerprint(definition: Computed, definitions: Definitions): number {
  const events = [...new Set(definition.events)].sort();
  if (isCounter(definition)) return counterFingerprint(events, definition.where, definitions);
  const leaning = leanedOn(definition.where, definitions);
  return textFingerprint(
    JSON.stringify([materialOf(definition), definition.withinMs, events, definition.where, leaning]),
  );
}

/** What distinguishes the raw material: attributes of one material, events and window share it. */
function materialOf(definition: Computed): unknown {
  switch (definition.kind) {
    case 'count':
    case 'first time':
    case 'last time':
    case 'average gap':
      return 'times';
    case 'sum':
    case 'average':
      return ['amounts', definition.property.names];
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return [definition.kind, definition.property.names];
    case 'list': {
      const { property, until, keep, atMost } = definition;
      return ['list', property.names, [...until].sort(), keep.map(({ names }) => names), atMost];
    }
  }
}

export function keeperOf(definition: Computed): Keeper {
  const { withinMs } = definition;
  switch (definition.kind) {
    case 'count':
    case 'first time':
    case 'last time':
    case 'average gap':
      return keepTimes(definition.kind, withinMs);
    case 'sum':
    case 'average':
      return keepAmounts(definition.kind, propertyReader(definition.property.names), withinMs);
    case 'min':
    case 'max':
      return keepExtreme(definition.kind, propertyReader(definition.property.names), withinMs);
    case 'first':
      return keepFirst(propertyReader(definition.property.names), withinMs);
    case 'last':
      return keepLast(propertyReader(definition.property.names), withinMs);
    case 'list':
      return keepList(definition, withinMs);
  }
}
