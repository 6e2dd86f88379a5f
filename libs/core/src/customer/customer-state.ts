import type { Json } from '../event/event.js';

/** All that the engine remembers of one customer; changed in place by `applyEvent` and `fireTimers`. */
export interface CustomerState {
  /** Canonical id: userId, else anonymousId. */
  readonly id: string;
}

export function newCustomerState(id: string): CustomerState {
  return { id };
}

/** Nothing is remembered: the row can be deleted. */
export function isEmpty(state: CustomerState): boolean {
  return state.id === '';
}

/** The earliest position on the stream's clock at which a timer fires, ms; Infinity without timers. */
export function nextFire(state: CustomerState): number {
  return state.id === '' ? 0 : Infinity;
}

/**
 * Traits by name, as conditions and templates see them. `$push_tokens` holds the tokens of mobile devices
 * (`context.device.token`), a list of texts, newest last.
 */
export function traitsOf(state: CustomerState): { readonly [name: string]: Json } {
  return { id: state.id };
}
