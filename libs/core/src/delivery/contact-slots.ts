import type { Slot } from './decision.js';
import type { DeliveryPolicy } from './delivery-policy.js';

/** What became of a message whose slot is still the interval of its lease. */
export type SlotFate =
  | { readonly messageId: string; readonly kind: 'in_flight' }
  | { readonly messageId: string; readonly kind: 'accepted'; readonly at: number }
  /** A definite failure: it holds nothing any more. */
  | { readonly messageId: string; readonly kind: 'released' };

/**
 * Slots of closed messages become their recorded acceptance, those of definite failures go. To be done before a refusal
 * is given, so that nobody is refused for the width of a lease (delivery.md, Windows). An acceptance outside of its
 * interval (the clock was set) is believed.
 */
export function narrowSlots(slots: readonly Slot[], fates: readonly SlotFate[]): readonly Slot[] {
  if (fates.length === 0) return slots;
  const fateOf = new Map(fates.map((fate) => [fate.messageId, fate]));
  return slots.flatMap((slot) => {
    const fate = slot.from === slot.to ? undefined : fateOf.get(slot.messageId);
    switch (fate?.kind) {
      case undefined:
      case 'in_flight':
        return [slot];
      case 'accepted':
        return [{ ...slot, from: fate.at, to: fate.at }];
      case 'released':
        return [];
    }
  });
}

/** Drops what no cap and no same-content window can see any more, in any time zone. */
export function pruneSlots(slots: readonly Slot[], policy: DeliveryPolicy, now: number): readonly Slot[] {
  return slots.filter((slot) => {
    const age = now - slot.to;
    return age < policy.contentReachMs || (slot.counts && age < policy.capReachMs);
  });
}
