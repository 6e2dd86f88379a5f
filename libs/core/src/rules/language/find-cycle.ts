/** The shortest way from `start` back to itself, without the repeated start at its end; null when there is none. */
export function findCycle(start: string, next: (name: string) => readonly string[]): readonly string[] | null {
  const cameFrom = new Map<string, string>();
  let front = [start];
  while (front.length > 0) {
    const further: string[] = [];
    for (const name of front) {
      for (const follower of next(name)) {
        if (follower === start) return wayTo(name, start, cameFrom);
        if (cameFrom.has(follower)) continue;
        cameFrom.set(follower, name);
        further.push(follower);
      }
    }
    front = further;
  }
  return null;
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [end];
  for (let name = end; name !== start;) {
    name = cameFrom.get(name) ?? start;
    way.push(name);
  }
  return way.reverse();
}

/** Cycles that share no member, each from its first member in the order of the edges. */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const taken = new Set<string>();
  for (const start of edges.keys()) {
    if (taken.has(start)) continue;
    const cycle = findCycle(start, (name) => (taken.has(name) ? [] : (edges.get(name) ?? [])));
    if (cycle === null) continue;
    cycles.push(cycle);
    for (const name of cycle) taken.add(name);
  }
  return cycles;
}
