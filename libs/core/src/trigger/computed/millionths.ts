import type { Json } from '../../event/event.js';

/** Nobody's price; larger ones would let a sum grow without bound. */
const LARGEST = 1e15;

/** A number as a whole number of millionths; null where the value is no number, or larger than 10^15 either way. */
export function millionthsOf(value: Json | undefined): bigint | null {
  if (typeof value !== 'number' || !(Math.abs(value) <= LARGEST)) return null;
  return BigInt(Math.round(value * 1e6));
}
