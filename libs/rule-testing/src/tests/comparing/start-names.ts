import { readers, type Rule } from '#core';
import type { RuleTest } from '../test-file.js';

/** What a start waits for, in a few words each. */
export function startNames(start: Rule['starts'][number]): readonly string[] {
  switch (start.kind) {
    case 'event':
    case 'item event':
      return start.events;
    case 'inactive':
      return start.since === 'any event' ? ['any event'] : start.since;
    case 'enters':
    case 'leaves':
      return [`${start.kind} ${start.segment}`];
    case 'date':
      return ['a date'];
    case 'every':
      return ['a day of the calendar'];
    default:
      return [`${start.template} ${start.kind}`];
  }
}

/** An event of the test that was most likely meant to be one of these; empty without. */
export function misspeltEvent({ events }: RuleTest, starts: readonly string[], to: string | null): string {
  const names = events.flatMap(({ call }) =>
    call.kind === 'item' || (call.kind === 'event' && (to === null || call.customer === to)) ? [call.name] : [],
  );
  for (const name of new Set(names)) {
    const meant = starts.includes(name) ? null : readers.closestName(name, starts);
    if (meant !== null) return ` ("${name}" is written, did you mean "${meant}"?)`;
  }
  return '';
}
