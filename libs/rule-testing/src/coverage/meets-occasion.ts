import type { Occasion, Start } from '#core';
import type { RunEvent } from '../tests/run-test.js';

const ENGAGEMENT = {
  sent: 'Message Sent',
  delivered: 'Message Delivered',
  opened: 'Message Opened',
  clicked: 'Message Clicked',
  replied: 'Message Replied',
} as const;

/** Whether a run that this event began may have begun by this start; undefined: time alone began it. */
export function meetsStart(start: Start, event: RunEvent | undefined): boolean {
  switch (start.kind) {
    case 'inactive':
    case 'date':
    case 'every':
      return event === undefined;
    case 'item event':
      return event?.kind === 'item' && start.events.includes(event.name!);
    default:
      return meetsOccasion(start, event);
  }
}

/** Whether this event may be such an occasion; undefined: nothing but time has passed. */
export function meetsOccasion(occasion: Occasion, event: RunEvent | undefined): boolean {
  switch (occasion.kind) {
    case 'event':
      return (
        event !== undefined && event.kind !== 'item' && event.name !== null && occasion.events.includes(event.name)
      );
    case 'enters':
    case 'leaves':
      return event?.kind !== 'item';
    case 'failed':
      return event?.template === occasion.template && ['Message Bounced', 'Message Failed'].includes(event.name ?? '');
    default:
      return event?.template === occasion.template && event.name === ENGAGEMENT[occasion.kind];
  }
}
