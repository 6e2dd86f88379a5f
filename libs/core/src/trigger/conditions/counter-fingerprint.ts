import { textFingerprint } from '../../customer/text-hash.js';
import type { Condition } from '../../rules/model.js';
import { leanedOn, type Definitions } from '../computed/definitions.js';

/** What a counter counts: two that count the same are one. @param names sorted, none twice */
export function counterFingerprint(
  names: readonly string[],
  where: Condition | null,
  definitions: Definitions,
): number {
  const leaning = leanedOn(where, definitions);
  return textFingerprint(JSON.stringify(leaning.length === 0 ? [names, where] : [names, where, leaning]));
}
