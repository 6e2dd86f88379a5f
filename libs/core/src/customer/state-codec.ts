import type { CustomerState } from './customer-state.js';

export function encodeState(state: CustomerState): Uint8Array {
  throw new Error(`not yet ${state.id}`);
}

/** Throws StateFormatError where the bytes are no state of a version that this program reads. */
export function decodeState(bytes: Uint8Array): CustomerState {
  throw new Error(`not yet ${bytes.length}`);
}
