import { traitsOf, type CustomerState } from '../../customer/customer-state.js';
import type { Json } from '../../event/event.js';
import type { Rulesets } from '../ruleset.js';
import { contextAt } from './context-at.js';

/**
 * `customer.NAME` for templates and delivery: traits, and computed attributes as they are at `now` (ms). A trait of the
 * name of a computed attribute is hidden by it, also where that is missing.
 */
export function customerValues(
  { current }: Rulesets,
  state: CustomerState,
  now: number,
): { readonly [name: string]: Json } {
  const traits = traitsOf(state);
  if (current.attributes.size === 0) return traits;
  const values = Object.entries(traits).filter(([name]) => !current.attributes.has(name));
  for (const [name, reader] of current.attributes) {
    const value = reader.value(state, now);
    if (value !== undefined) values.push([name, value]);
  }
  return Object.fromEntries(values);
}

/**
 * Whether the customer is in a segment at `now` (ms), judged on the spot.
 * @param segment one that `channels by segment` names; nobody is in any other
 */
export function isInSegment({ current }: Rulesets, state: CustomerState, segment: string, now: number): boolean {
  const test = current.segmentTest(segment);
  return test?.(contextAt(current.settings, state, now)) ?? false;
}
