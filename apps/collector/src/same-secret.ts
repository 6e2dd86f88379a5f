import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes as long whatever is right about it; hashes have one length. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
