import type { Slot } from './decision.js';

/**
 * The latest slot with this content less than `windowMs` before an instant (exactly that long is allowed), of another
 * message: retries and fallbacks of one message are exempt. null where there is none or the check is off.
 */
export function sameContentSlot(
  slots: readonly Slot[],
  message: { readonly id: string; readonly content: string },
  instant: number,
  windowMs: number | null,
): Slot | null {
  if (windowMs === null) return null;
  let latest: Slot | null = null;
  for (const slot of slots) {
    if (slot.content !== message.content || slot.messageId === message.id || instant - slot.to >= windowMs) continue;
    if (latest === null || slot.to > latest.to || (slot.to === latest.to && slot.messageId < latest.messageId))
      latest = slot;
  }
  return latest;
}
