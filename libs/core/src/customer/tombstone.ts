import { newCustomerState, type CustomerState } from './customer-state.js';
import { TOMBSTONE_MS } from './identity-state.js';

/**
 * What is left of a customer who was erased (engine.md, Who writes the customer): when. Not even her id, which would tell
 * whom the row is about.
 * @param at ms; what happened until then is not heard of again
 */
export function newTombstone(at: number): CustomerState {
  const state = newCustomerState('');
  state.identity.erased = at;
  return state;
}

/** Nothing has happened to her since she was erased. */
export function isTombstone({ id }: Pick<CustomerState, 'id'>): boolean {
  return id === '';
}

/** Somebody comes under the id of one who was erased: she is new, and what is older is still not heard of. */
export function newAfter(tombstone: CustomerState, id: string): CustomerState {
  const state = newCustomerState(id);
  state.identity.erased = tombstone.identity.erased;
  return state;
}

/**
 * Whether something belongs to the one who was erased, and nobody hears of it.
 * @param time event time, ms
 * @param since when it came into the stream or was said by Kairos itself, ms; either of the two is enough
 */
export function isSwallowed({ identity: { erased } }: CustomerState, time: number, since: number): boolean {
  return erased !== null && Math.min(time, since) <= erased;
}

/**
 * What a tombstone is where the stream has come so far: itself, or nothing. Nothing, too, where a version that knew of no
 * erasure has written it: whose it was nobody can say.
 * @param before ms
 */
export function tombstoneAt(state: CustomerState, before: number): CustomerState {
  const { erased } = state.identity;
  return erased === null || erased + TOMBSTONE_MS < before ? newCustomerState('') : state;
}

/** Where the stream has come so far, it is forgotten that she was erased; returns whether it was. */
export function forgetErasure({ identity }: CustomerState, before: number): boolean {
  if (identity.erased === null || identity.erased + TOMBSTONE_MS >= before) return false;
  identity.erased = null;
  return true;
}
