import { codeFrame } from '#core';
import type { Place, TestFile } from './test-file.js';

/** The line of a test file with marks below what is meant, as diagnostics show it. */
export function frameOf({ text }: Pick<TestFile, 'text'>, place: Place): readonly string[] {
  return codeFrame(place, text);
}
