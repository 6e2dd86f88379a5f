/** The instants at which something comes again and again, by number; later ones never lie earlier. */
export interface Occurrences {
  /** ms; null where there is none of this number: a day on which it does not come. */
  at(number: number): number | null;
  /** Numbers of the first and the last one. */
  readonly first: number;
  readonly last: number;
  /** A number whose occurrence is not later than the first after this instant. */
  near(instant: number): number;
}

export interface Occurrence {
  readonly number: number;
  /** ms. */
  readonly instant: number;
}

/** No calendar that people mean leaves a year without an occurrence. */
const MOST_LOOKED_AT = 1_000;

/** The first one strictly later than `instant`; null where there is none. */
export function nextOccurrence(occurrences: Occurrences, instant: number): Occurrence | null {
  const from = Math.max(occurrences.first, occurrences.near(instant));
  for (let number = from; number <= occurrences.last && number < from + MOST_LOOKED_AT; number++) {
    const found = occurrences.at(number);
    if (found !== null && found > instant) return { number, instant: found };
  }
  return null;
}
