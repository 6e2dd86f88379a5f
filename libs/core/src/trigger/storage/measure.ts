import { encodeState } from '../../customer/state-codec.js';
import { newCustomerState, type CustomerState } from '../../customer/customer-state.js';

/** Of a customer that is known by a UUID and nothing else. */
export function emptyStateBytes(): number {
  return encodeState(newCustomerState('0f8fad5b-d9cb-469f-a165-70867728950e')).length;
}

/** By how much a state grows when this is put into it, in bytes: what the codec really writes. */
export function bytesOf(put: (state: CustomerState) => void): number {
  const state = newCustomerState('0f8fad5b-d9cb-469f-a165-70867728950e');
  put(state);
  return encodeState(state).length - emptyStateBytes();
}
