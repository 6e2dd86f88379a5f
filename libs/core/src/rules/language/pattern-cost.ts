/** Steps a pattern may compile to, and those of one file together; compiling takes about 15 µs a step. */
export const MAX_PATTERN_COST = 2_000;
export const MAX_FILE_PATTERN_COST = 20_000;

/**
 * About how many steps RE2 compiles a pattern to, from above: counted repetitions are written out, also inside each
 * other. RE2 itself only bounds them per branch, so that 180 characters can cost a quarter of a second.
 */
export function patternCost(pattern: string): number {
  const groups: { cost: number; last: number }[] = [{ cost: 0, last: 0 }];
  const add = (cost: number) => {
    const group = groups.at(-1);
    if (group) [group.cost, group.last] = [group.cost + cost, cost];
  };
  for (const [token] of pattern.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\{\d{1,9}(?:,\d{0,9})?\}|[^]/gu)) {
    if (token === '(') groups.push({ cost: 1, last: 0 });
    else if (token === ')' && groups.length > 1) add(groups.pop()?.cost ?? 0);
    else if (token.length > 2 && token.startsWith('{')) repeat(groups.at(-1), token);
    else add(1);
  }
  return groups.reduce((sum, group) => sum + group.cost, 0);
}

function repeat(group: { cost: number; last: number } | undefined, token: string): void {
  if (group === undefined) return;
  const times = Math.max(1, ...token.slice(1, -1).split(',').map(Number));
  group.cost += group.last * (times - 1);
  group.last *= times;
}
