export interface Claim {
  readonly member: string;
  /** Partitions it had until now. */
  readonly owned: readonly number[];
}

/**
 * Shares out partitions 0 … count − 1 so that no two members differ by more than one and as few as possible move:
 * everybody keeps what it had, up to its share. The same claims always give the same answer, in whatever order they come.
 */
export function stickyAssignment(count: number, claims: readonly Claim[]): Map<string, number[]> {
  const members = [...claims].sort((a, b) => (a.member < b.member ? -1 : 1));
  const assignment = new Map<string, number[]>(members.map(({ member }) => [member, []]));
  if (members.length === 0) return assignment;
  const held = heldPartitions(count, members);
  const share = Math.floor(count / members.length);
  let larger = count % members.length;
  // The larger shares go to those who hold most: what they keep need not move.
  const byHeld = [...members].sort((a, b) => held.get(b.member)!.length - held.get(a.member)!.length);
  const free = new Set(Array.from({ length: count }, (_, partition) => partition));
  const wanting: { readonly mine: number[]; readonly size: number }[] = [];
  for (const { member } of byHeld) {
    const size = larger-- > 0 ? share + 1 : share;
    const mine = assignment.get(member)!;
    for (const partition of held.get(member)!.slice(0, size)) {
      mine.push(partition);
      free.delete(partition);
    }
    wanting.push({ mine, size });
  }
  const rest = free.values();
  for (const { mine, size } of wanting) {
    while (mine.length < size) mine.push(rest.next().value!);
    mine.sort((a, b) => a - b);
  }
  return assignment;
}

/** A partition that two members claim (one of them slept through its loss) counts for the first. */
function heldPartitions(count: number, members: readonly Claim[]): Map<string, number[]> {
  const taken = new Set<number>();
  return new Map(
    members.map(({ member, owned }) => {
      const mine = [...new Set(owned)].filter((p) => p >= 0 && p < count && !taken.has(p)).sort((a, b) => a - b);
      for (const partition of mine) taken.add(partition);
      return [member, mine];
    }),
  );
}
