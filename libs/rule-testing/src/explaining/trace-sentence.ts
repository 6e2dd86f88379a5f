import type { TraceEntry } from '#core';
import { shownValues } from '../tests/comparing/wording.js';

export interface TraceWords {
  /** ` for ann`, or nothing where it is clear whose runs they are. */
  readonly whom: string;
  /** An event's name by its id; null: no such event is known. */
  readonly nameOf: (id: string) => string | null;
  readonly instant: (at: number) => string;
}

/** What a run did, or why none began, in a sentence without its instant. */
export function traceSentence(trace: TraceEntry, { whom, nameOf, instant }: TraceWords): string {
  const key = trace.key === null ? '' : ` (key ${[trace.key].flat().join(', ')})`;
  const by = (id: string | null): string => (id === null ? null : nameOf(id)) ?? 'the passing of time';
  switch (trace.kind) {
    case 'started':
      return `a run${key} began${whom} with ${by(trace.event)}${trace.heldOut ? ', in the holdout' : ''}`;
    case 'not_started':
      return `${by(trace.event)} started nothing${whom}: ${trace.reason}${trace.detail === null ? '' : `, ${trace.detail}`}`;
    case 'wait_restarted':
      return `${by(trace.event)} began its wait anew${key}${whom}`;
    case 'branch':
      return `step ${trace.step} took \`${trace.branch}\`${key}${whom}${trace.detail === undefined ? '' : `: ${trace.detail}`}`;
    case 'collected':
      return `${by(trace.event)} was added to the start events${key}${whom}`;
    case 'set':
      return `step ${trace.step} set ${shownValues(trace.traits)}${key}${whom}`;
    case 'emitted':
      return `step ${trace.step} emitted ${trace.event}${key}${whom}`;
    case 'paused':
    case 'resumed':
    case 'unsubscribed': {
      const until = trace.until === null ? '' : ` until ${instant(trace.until)}`;
      return `step ${trace.step} ${trace.kind} ${trace.category}${until}${key}${whom}`;
    }
    case 'planned':
      return `step ${trace.step} planned its message${key}${whom}`;
    case 'ended': {
      const name = trace.by === null ? null : (nameOf(trace.by) ?? trace.by);
      return `the run${key} ended${whom}: ${trace.outcome}${name === null ? '' : ` by ${name}`}`;
    }
  }
}
