import { PUSH_TOKENS, type CustomerState } from '../customer/customer-state.js';
import type { CustomerEvent } from '../event/event.js';
import { wellFormed } from '../event/well-formed.js';
import type { Effects } from './effects.js';

export const KEPT_PUSH_TOKENS = 5;

/** What an event says of the customer: traits (last writer wins on event time), a device's token, consent. */
export function applyProfile(state: CustomerState, event: CustomerEvent, effects: Effects): boolean {
  let changed = false;
  for (const [name, value] of Object.entries(event.traits ?? {})) {
    // Names beginning with $ are ours.
    if (!name.startsWith('$') && state.traits.set(wellFormed(name), value, event.time)) changed = true;
  }
  if (event.pushToken !== null && addPushToken(state, event.pushToken, event.time)) changed = true;
  if (event.consent !== null) {
    effects.consents.push({ eventId: event.id, time: event.time, preferences: event.consent });
    changed = true;
  }
  return changed;
}

function addPushToken(state: CustomerState, token: string, time: number): boolean {
  const known = state.traits.get(PUSH_TOKENS);
  const tokens = Array.isArray(known) ? known : [];
  if (tokens.at(-1) === token) return false;
  const next = [...tokens.filter((other) => other !== token), token].slice(-KEPT_PUSH_TOKENS);
  return state.traits.set(PUSH_TOKENS, next, time);
}
