import type { PlannedMessage } from '../trigger/effects.js';
import type { OpenMessage } from './decision.js';

/**
 * The order in which messages of one customer are judged at one instant: highest priority first; ties: planned earlier,
 * then rule, key, step in code point order (delivery.md). A step runs as of its due time, so that is when it planned,
 * also where a late event made it due in the past. Two occurrences of one step at one instant (a rule that started twice)
 * go by the occurrence, rounds of one by the id.
 */
export function judgedBefore(a: PlannedMessage, b: PlannedMessage): number {
  return (
    b.priority - a.priority ||
    a.due - b.due ||
    compareCodePoints(a.rule, b.rule) ||
    compareKeys(a.key, b.key) ||
    compareCodePoints(a.step, b.step) ||
    compareCodePoints(a.occurrence, b.occurrence) ||
    compareCodePoints(a.id, b.id)
  );
}

/** The order in which messages planned ahead are walked: not-before, then as they would be judged. */
export function plannedBefore(a: OpenMessage, b: OpenMessage): number {
  return a.notBefore - b.notBefore || judgedBefore(a.plan, b.plan);
}

/** As `<` on arrays of code points; UTF-16's own order puts U+1F600 before U+FF01. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftIsSurrogate = left >= 0xd800 && left <= 0xdfff;
    const rightIsSurrogate = right >= 0xd800 && right <= 0xdfff;
    if (leftIsSurrogate === rightIsSurrogate) return left - right;
    return leftIsSurrogate ? 1 : -1;
  }
  return a.length - b.length;
}

type Key = PlannedMessage['key'];

/** No key before any key; lists entry by entry. */
function compareKeys(a: Key, b: Key): number {
  const left = listOf(a);
  const right = listOf(b);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const order = compareCodePoints(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function listOf(key: Key): readonly string[] {
  if (key === null) return [];
  return typeof key === 'string' ? [key] : key;
}
