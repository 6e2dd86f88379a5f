import type { KeptThing, StorageReport } from '#core';

/** For people: what a publication keeps of each customer that was not kept, what it keeps no more, and how much it is. */
export function storageChanges(before: StorageReport | null, after: StorageReport): string[] {
  const [old, now] = [new Map((before?.kept ?? []).map(named)), new Map(after.kept.map(named))];
  const added = [...now].filter(([name]) => !old.has(name)).map(([name, thing]) => `  + ${name}: up to ${size(thing)}`);
  const gone = [...old].filter(([name]) => !now.has(name)).map(([name]) => `  - ${name}`);
  const total = `kept of each customer who does all of it: up to ${size(after.total)}`;
  const was = before === null || before.total.full === after.total.full ? '' : ` (${size(before.total)} until now)`;
  return before !== null && added.length + gone.length === 0 && was === ''
    ? []
    : [
        ...(before === null ? [] : [...added, ...gone]),
        `  ${total}${was}; kairos rules validate --show-storage shows it all`,
      ];
}

function named(thing: KeptThing): [string, KeptThing] {
  const whom = thing.for.length === 0 ? '' : ` for ${thing.for.join(', ')}`;
  const each = thing.each === null ? '' : `, one for each ${thing.each}`;
  return [`kept${whom}: ${thing.what}${each}`, thing];
}

function size({ full }: { readonly full: number }): string {
  return full < 10_000 ? `${full.toLocaleString('en')} B` : `${(full / 1_000).toFixed(1)} kB`;
}
