import type { CustomerEvent } from '../event/event.js';
import type { Channel } from '../rules/model.js';
import type { OpenMessage } from './decision.js';

/** As they are told: who clicks without loading images has opened nothing that anybody could see. */
const ANSWERS = {
  delivered: 'Message Delivered',
  opened: 'Message Opened',
  clicked: 'Message Clicked',
} as const;

/**
 * What stays open of a message that was sent on a channel at `at` (ms): nothing, or, where the step has a `fallback`,
 * the message itself, to be judged for the next channel when its time is over and nobody has answered.
 */
export function awaitFallback(message: OpenMessage, channel: Channel, at: number): OpenMessage | null {
  const { fallback } = message.plan;
  if (fallback === null) return null;
  return {
    ...message,
    notBefore: at + fallback.afterMs,
    heldFor: null,
    heldOn: null,
    firstJudgedAt: message.firstJudgedAt ?? at,
    sentOn: [...(message.sentOn ?? []), channel],
  };
}

/** Whether this event of the customer says that a message needs its fallback no more. Machine opens never count. */
export function isAnswered(message: OpenMessage, event: CustomerEvent): boolean {
  const { fallback, id, rule, template, occurrence } = message.plan;
  if (fallback === null || message.sentOn === undefined) return false;
  if (ANSWERS[fallback.unless] !== event.name) return false;
  const { properties } = event;
  if (properties['machine'] === true) return false;
  if (typeof properties['message_id'] === 'string') return properties['message_id'] === id;
  return (
    properties['template'] === template &&
    (properties['rule'] ?? rule) === rule &&
    (properties['run'] ?? occurrence) === occurrence
  );
}
