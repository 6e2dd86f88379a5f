import { isDeepStrictEqual } from 'node:util';

/** A side that is fast and wrong measures nothing: throws unless it found exactly what was expected. */
export function expectSame(side: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${side} is wrong:\n  expected ${JSON.stringify(expected)}\n  found    ${JSON.stringify(found)}`);
}
