const HOUR_MS = 3_600_000;

/**
 * Turns of all partitions together, one after the other, so that every partition knows its own without asking another:
 * the k-th of a partition (from 0) stands where k + ½ of its share has gone by. Each number is given once.
 * @param counted customers by partition; those that were not counted come behind all others
 */
export function turnOf(counted: readonly number[], partition: number, k: number): number {
  const own = counted[partition] ?? 0;
  if (k >= own) {
    const total = counted.reduce((sum, count) => sum + count, 0);
    return total + (k - own) * counted.length + partition;
  }
  let before = k;
  for (const [other, count] of counted.entries())
    if (other !== partition && count > 0) before += turnsBefore(count, (2 * k + 1) / own, other < partition);
  return before;
}

/** How many of `count` turns, at (2j + 1) / count, lie before this place; with `included` also at it. */
function turnsBefore(count: number, place: number, included: boolean): number {
  let j = Math.max(0, Math.min(count, Math.floor((place * count - 1) / 2)));
  const isBefore = (turn: number): boolean => {
    const at = (2 * turn + 1) / count;
    return included ? at <= place : at < place;
  };
  while (j > 0 && !isBefore(j - 1)) j--;
  while (j < count && isBefore(j)) j++;
  return j;
}

/** Log time from turn to turn, ms. */
export function turnMs(perHour: number): number {
  return HOUR_MS / perHour;
}
