// The order in which the messages of a customer are judged at one instant.
import { compareKeys, compareTexts } from './compare.mjs';

/** Highest priority first; ties: planned earlier, then rule, key, step in code point order; two occurrences of one step by the occurrence. */
export function byClaim(a, b) {
  return (
    b.priority - a.priority ||
    a.due - b.due ||
    compareTexts(a.rule, b.rule) ||
    compareKeys(a.key, b.key) ||
    compareTexts(a.step, b.step) ||
    compareTexts(a.occurrence, b.occurrence)
  );
}
