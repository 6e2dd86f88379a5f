import { readers, stepsOf, type Occasion, type Rule, type Workspace } from '#core';

/** An event that rules wait for and that a recording does not hold: seldom meant, often misspelt. */
export interface UnheardEvent {
  readonly event: string;
  readonly rules: readonly string[];
  /** An event of the recording that is written nearly like it; null: none is. */
  readonly meant: string | null;
}

/** In the order of their names. Kairos' own events and those that rules emit are in no recording. */
export function unheardEvents({ rules }: Workspace, heard: ReadonlySet<string>): readonly UnheardEvent[] {
  const emitted = new Set(rules.flatMap(({ steps }) => [...stepsOf(steps)].flatMap(emittedBy)));
  const waiting = new Map<string, string[]>();
  for (const rule of rules)
    for (const event of new Set(awaitedBy(rule)))
      if (!heard.has(event) && !emitted.has(event) && !event.startsWith('Message '))
        waiting.set(event, [...(waiting.get(event) ?? []), rule.name]);
  return [...waiting]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([event, of]) => ({ event, rules: of, meant: readers.closestName(event, heard) }));
}

function emittedBy({ step }: { readonly step: Rule['steps'][number] }): readonly string[] {
  return step.kind === 'emit' ? [step.event] : [];
}

function awaitedBy({ starts, stop, goal, steps }: Rule): readonly string[] {
  const waits = [...stepsOf(steps)].flatMap(({ step }) => (step.kind === 'wait for' ? step.occasions : []));
  return [
    ...starts.flatMap((start) => {
      if (start.kind === 'event' || start.kind === 'item event') return start.events;
      return start.kind === 'inactive' && start.since !== 'any event' ? start.since : [];
    }),
    ...[...stop, ...(goal?.occasions ?? []), ...waits].flatMap(eventsOf),
  ];
}

function eventsOf(occasion: Occasion): readonly string[] {
  return occasion.kind === 'event' ? occasion.events : [];
}
