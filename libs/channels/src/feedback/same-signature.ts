import { timingSafeEqual } from 'node:crypto';

/** Takes as long whatever is right about it. */
export function sameSignature(given: string, expected: Buffer, encoding: 'base64' | 'hex'): boolean {
  const bytes = Buffer.from(given, encoding);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
