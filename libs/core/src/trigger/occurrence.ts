import type { CustomerEvent, EventSnapshot } from '../event/event.js';

/**
 * Something that happens to a customer, as occasions meet it: an event (Kairos' own `Message …` events among them), or
 * that the customer enters or leaves a segment.
 */
export interface Occurrence {
  readonly kind: 'event' | 'enters' | 'leaves';
  /** Of the event, or of the segment. */
  readonly name: string;
  /** Event time, ms. */
  readonly time: number;
  /** What `event` means in a `where`, `start` in a run that begins with it, and NAME after `as: NAME`. */
  readonly event: EventSnapshot;
  /** The event that did it; null: none, the time did. */
  readonly id: string | null;
  /** Imported history ends runs and reaches goals, and starts and wakes nothing. */
  readonly historical: boolean;
  /** How many `emit`s of rules led to it. */
  readonly hops: number;
}

/** @param name of a track call */
export function eventOccurrence(event: CustomerEvent, name: string): Occurrence {
  const { id, time, historical, hops = 0 } = event;
  return { kind: 'event', name, time, event, id, historical, hops };
}

/**
 * A change of a segment.
 * @param cause the event by which it came about; null where the time did
 */
export function segmentOccurrence(
  kind: 'enters' | 'leaves',
  segment: string,
  time: number,
  cause: (EventSnapshot & { readonly historical: boolean; readonly hops?: number }) | null,
): Occurrence {
  const event = cause ?? { id: '', name: null, time, properties: {} };
  const { historical = false, hops = 0 } = cause ?? {};
  return { kind, name: segment, time, event, id: cause?.id ?? null, historical, hops };
}

/** The name under which changes of a segment are indexed, beside the names of events. */
export function changeName(kind: 'enters' | 'leaves', segment: string): string {
  return `${kind} ${segment}`;
}
