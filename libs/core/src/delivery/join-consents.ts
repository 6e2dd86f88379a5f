import { byCategoryAndChannel, CONSENT_SOURCES, type ConsentEntry } from './consent.js';

/**
 * What two ids of one customer have said of consent: the more restrictive where both have said something, until she says
 * otherwise later (engine.md, Identity); the word of one alone stays. Sorted by category and channel as both are.
 */
export function joinConsents(
  consents: readonly ConsentEntry[],
  others: readonly ConsentEntry[],
): readonly ConsentEntry[] {
  if (others.length === 0) return consents;
  const entries = new Map(consents.map((entry) => [keyOf(entry), entry]));
  for (const other of others) {
    const own = entries.get(keyOf(other));
    entries.set(keyOf(other), own === undefined ? other : joined(own, other));
  }
  return [...entries.values()].sort(byCategoryAndChannel);
}

/** Of equal words the later; a refusal counts as of the later word, so that only what she says after both overrules it. */
function joined(one: ConsentEntry, other: ConsentEntry): ConsentEntry {
  const time = Math.max(one.time, other.time);
  if (one.given !== other.given) return { ...(one.given ? other : one), time };
  if (one.time !== other.time) return one.time > other.time ? one : other;
  const rank = ({ source }: ConsentEntry): number => CONSENT_SOURCES.indexOf(source);
  return rank(one) >= rank(other) ? one : other;
}

function keyOf({ category, channel }: ConsentEntry): string {
  return `${category}\0${channel}`;
}
