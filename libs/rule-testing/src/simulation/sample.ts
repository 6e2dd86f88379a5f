import { drawChance } from '#core';

/** Whether a customer is among this share (0 to 1) of all: the same ones each time, and a larger share keeps them. */
export function isInSample(customer: string, share: number): boolean {
  return drawChance('', 'sample', '', customer) < share;
}
