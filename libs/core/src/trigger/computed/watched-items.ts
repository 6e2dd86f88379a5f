import type { CustomerState } from '../../customer/customer-state.js';
import type { Rulesets } from '../ruleset.js';
import { textFingerprint } from '../../customer/text-hash.js';
import { thingOf } from './keep-list.js';

/**
 * Ids (as texts) of the things that this customer wants to hear of: the entries of all lists that an `item event` of a
 * rule looks into. Entries that have lapsed may be among them: an event about such a thing finds nothing to do.
 */
export function watchedItems({ current }: Rulesets, state: CustomerState): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const list of current.watchedLists)
    for (const { id } of state.computed.kept.get(list)?.entries ?? []) ids.add(thingOf(id));
  return ids;
}

/** What stands for a thing in the index of those who watch it; two that share one only cost a look in vain. */
export function thingFingerprint(item: string): number {
  return textFingerprint(item);
}
