import type { Expectation } from '../test-file.js';
import { differingNames, type Happening } from './happening.js';

/** One expectation with what it stands for, or either of them alone. */
export interface HappeningPair {
  readonly expected: Expectation | null;
  readonly actual: Happening | null;
  readonly matches: boolean;
}

/**
 * The complete list of expectations against what happened, by time. First as many as possible are matched; what is left
 * is paired by name and customer, since that is most likely what was meant.
 */
export function compareHappenings(
  expected: readonly Expectation[],
  actual: readonly Happening[],
): readonly HappeningPair[] {
  const matched = matchMost(expected, actual);
  const pairs: HappeningPair[] = [...matched].map(([expectation, happening]) => ({
    expected: expectation,
    actual: happening,
    matches: true,
  }));
  const taken = new Set(matched.values());
  const left = actual.filter((happening) => !taken.has(happening));
  for (const expectation of expected.filter((each) => !matched.has(each))) {
    const index = left.findIndex((happening) => isMeant(expectation, happening));
    const happening = index < 0 ? null : left.splice(index, 1)[0]!;
    pairs.push({ expected: expectation, actual: happening, matches: false });
  }
  pairs.push(...left.map((happening) => ({ expected: null, actual: happening, matches: false })));
  return pairs.sort((a, b) => timeOf(a) - timeOf(b));
}

/** Expectations that leave things open must not take what a closer one needs: a matching of the largest size. */
function matchMost(
  expected: readonly Expectation[],
  actual: readonly Happening[],
): ReadonlyMap<Expectation, Happening> {
  const holder = new Map<Happening, Expectation>();
  const place = (expectation: Expectation, tried: Set<Happening>): boolean => {
    for (const happening of actual) {
      if (tried.has(happening) || !fits(expectation, happening)) continue;
      tried.add(happening);
      const other = holder.get(happening);
      if (other !== undefined && !place(other, tried)) continue;
      holder.set(happening, expectation);
      return true;
    }
    return false;
  };
  for (const expectation of expected) place(expectation, new Set());
  return new Map([...holder].map(([happening, expectation]) => [expectation, happening]));
}

function fits(expected: Expectation, actual: Happening): boolean {
  return (
    expected.at === actual.at &&
    isMeant(expected, actual) &&
    fitsDelivery(expected.what, actual) &&
    namesAll(expected.what, actual) &&
    differingNames(expected.with, actual.values).length === 0
  );
}

function fitsDelivery(what: Expectation['what'], { channel, suppressed }: Happening): boolean {
  if (what.kind === 'emit' || what.kind === 'set') return true;
  return what.suppressed === suppressed && (what.channel === null || what.channel === channel);
}

/** A line of `set` names all that the step writes, as `expect` names all that is sent. */
function namesAll(what: Expectation['what'], { values }: Happening): boolean {
  return what.kind !== 'set' || Object.keys(values).every((name) => what.names.includes(name));
}

/** Of the kind, name and customer of the expectation, whatever else is different. */
function isMeant({ what, to }: Expectation, { kind, name, customer, values }: Happening): boolean {
  if (what.kind !== kind || (to !== null && to !== customer)) return false;
  return what.kind === 'set' ? what.names.every((each) => Object.hasOwn(values, each)) : what.name === name;
}

function timeOf({ expected, actual }: HappeningPair): number {
  return (expected ?? actual)!.at;
}
