import type { Run, RunKey } from '../customer/customer-state.js';
import { textFingerprint } from '../customer/text-hash.js';

export { keyTextOf } from '../event/key-text.js';

export function sameKey(left: RunKey, right: RunKey): boolean {
  return compareKeys(left, right) === 0;
}

/** By code points; no key comes before any, a list is compared part by part. */
export function compareKeys(left: RunKey, right: RunKey): number {
  if (left === right) return 0;
  const [a, b] = [partsOf(left), partsOf(right)];
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareTexts(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export function compareRuns(left: Pick<Run, 'rule' | 'key'>, right: Pick<Run, 'rule' | 'key'>): number {
  return left.rule === right.rule ? compareKeys(left.key, right.key) : compareTexts(left.rule, right.rule);
}

/** What stands for a key where only sameness matters; never 0. */
export function keyFingerprint(key: RunKey): number {
  return textFingerprint(JSON.stringify(key)) + 1;
}

function partsOf(key: RunKey): readonly string[] {
  if (key === null) return [];
  return typeof key === 'string' ? [key] : key;
}

/** In the order of code points: UTF-16 units put the half pairs of higher planes before U+E000. */
export function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [left.charCodeAt(i), right.charCodeAt(i)];
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
