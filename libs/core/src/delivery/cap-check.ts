import type { Cap, Category, Channel } from '../rules/model.js';
import { periodOf, type Period } from '../time/calendar.js';
import type { Zone } from '../time/zone.js';
import type { CapLook, Slot } from './decision.js';
import { categoryOf, type DeliveryPolicy } from './delivery-policy.js';

/** Who asks a cap, and where: a slot of the same message on the same channel is a retry's own and does not count. */
export interface CapSubject {
  readonly messageId: string;
  readonly category: string;
  readonly channel: Channel;
}

/** The caps that apply to a message of a category on a channel; none where the category ignores caps. */
export function capsFor(policy: DeliveryPolicy, category: string, channel: Channel): readonly Cap[] {
  if (categoryOf(policy, category).ignoresCaps) return NO_CAPS;
  return policy.settings.caps.filter(
    (cap) => (cap.category === null || cap.category === category) && (cap.channel === null || cap.channel === channel),
  );
}

const NO_CAPS: readonly Cap[] = [];

/** (from, to] of a rolling cap at this instant, [from, to) of a calendar cap. */
export function windowOf(cap: Cap, instant: number, zone: Zone): Period {
  return cap.window.kind === 'rolling'
    ? { from: instant - cap.window.durationMs, to: instant }
    : periodOf(zone, cap.window.unit, instant);
}

/**
 * The slots that fill a cap in one of its windows. A rolling window has no upper bound here: a slot from after its end
 * (the database's clock was set back) must not become invisible.
 */
export function slotsIn(cap: Cap, window: Period, slots: readonly Slot[], subject: CapSubject): Slot[] {
  const rolling = cap.window.kind === 'rolling';
  return slots.filter(
    (slot) =>
      slot.counts &&
      (rolling ? slot.to > window.from : slot.to >= window.from && slot.from < window.to) &&
      (cap.category === null || cap.category === slot.category) &&
      (cap.channel === null || cap.channel === slot.channel) &&
      !(slot.messageId === subject.messageId && slot.channel === subject.channel),
  );
}

/** First instant at which a slot that ends then is out of the cap's window. */
function freeAfter(cap: Cap, instant: number, zone: Zone): number {
  return cap.window.kind === 'rolling' ? instant + cap.window.durationMs : periodOf(zone, cap.window.unit, instant).to;
}

/** Instants at which the slots leave the cap's window, unordered. */
export function instantsOfRelease(cap: Cap, slots: readonly Slot[], zone: Zone): number[] {
  return slots.map((slot) => freeAfter(cap, slot.to, zone));
}

export interface FilledCap {
  readonly look: CapLook;
  readonly used: readonly Slot[];
  /**
   * As `look.freeAt`, if everything in flight was accepted the moment it was claimed: at most a lease earlier. Infinity
   * for a cap that never has room.
   */
  readonly freeAtEarliest: number;
}

/** Asks one cap at one instant. `used` and `look.usedBy` are oldest first. */
export function lookAtCap(cap: Cap, now: number, slots: readonly Slot[], subject: CapSubject, zone: Zone): FilledCap {
  const window = windowOf(cap, now, zone);
  const used = slotsIn(cap, window, slots, subject).sort((a, b) => a.to - b.to || (a.messageId < b.messageId ? -1 : 1));
  const surplus = used.length - cap.atMost;
  const lastToGo = surplus < 0 ? undefined : used[surplus];
  const freeAt = lastToGo === undefined ? null : freeAfter(cap, lastToGo.to, zone);
  const look = {
    cap,
    channel: subject.channel,
    seen: used.length,
    from: window.from,
    to: window.to,
    usedBy: used.map((slot) => slot.messageId),
    freeAt,
  };
  if (freeAt === null) return { look, used, freeAtEarliest: surplus < 0 ? now : Infinity };
  // In a calendar period a lease over midnight would make the difference of a whole period.
  if (cap.window.kind === 'calendar') return { look, used, freeAtEarliest: freeAt };
  const earliest = used.map((slot) => slot.from).sort((a, b) => a - b)[surplus] ?? freeAt;
  return { look, used, freeAtEarliest: earliest + cap.window.durationMs };
}

/** Whether all caps have room at an instant. */
export function hasRoom(
  policy: DeliveryPolicy,
  subject: CapSubject,
  instant: number,
  slots: readonly Slot[],
  zone: Zone,
): boolean {
  return capsFor(policy, subject.category, subject.channel).every(
    (cap) => slotsIn(cap, windowOf(cap, instant, zone), slots, subject).length < cap.atMost,
  );
}

/** The slot that a message takes; categories that do not count keep one for `same content` only. */
export function slotOf(
  message: { readonly id: string; readonly category: string; readonly priority: number },
  category: Category,
  place: { readonly channel: Channel; readonly from: number; readonly to: number; readonly content: string },
): Slot {
  return {
    messageId: message.id,
    from: place.from,
    to: place.to,
    channel: place.channel,
    category: message.category,
    priority: message.priority,
    content: place.content,
    counts: category.countsTowardCaps,
  };
}
