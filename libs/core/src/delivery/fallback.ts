import type { CustomerEvent } from '../event/event.js';
import type { Channel } from '../rules/model.js';
import type { FeedbackKind } from '../trigger/message-event.js';
import type { OpenMessage } from './decision.js';
import { isByMachine } from './engagement.js';

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
    awaitsFallback: true,
  };
}

/** Whether this event of the customer says that a message needs its fallback no more. Machine opens never count. */
export function isAnswered(message: OpenMessage, event: CustomerEvent): boolean {
  const { fallback, id } = message.plan;
  if (fallback === null || message.sentOn === undefined || event.properties['message_id'] !== id) return false;
  return ANSWERS[fallback.unless] === event.name && !isByMachine(event.properties);
}

/** The same of what was recorded about the message. */
export function isAnsweredBy({ plan, sentOn }: OpenMessage, kind: FeedbackKind): boolean {
  return plan.fallback !== null && sentOn !== undefined && plan.fallback.unless === kind;
}
