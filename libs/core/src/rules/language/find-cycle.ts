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
