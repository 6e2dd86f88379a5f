import type { CustomerEvent, JsonObject } from '../event/event.js';
import type { Channel } from '../rules/model.js';
import type { PlannedMessage } from './effects.js';

/** What Kairos does with a message, told to the rules as an event of the customer (events.md). */
export type MessageFate = 'Message Sent' | 'Message Failed' | 'Message Suppressed';

/** What became of a message after it left, as `message_outcome` names it (delivery.md, Feedback). */
export const FEEDBACK_KINDS = [
  'delivered',
  'opened',
  'clicked',
  'replied',
  'bounced',
  'complained',
  'unsubscribed',
] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];

/** The event by which rules hear of it: `Message Opened`. */
export function feedbackEventName(kind: FeedbackKind): string {
  return `Message ${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
}

const FATES: readonly string[] = ['Message Sent', 'Message Failed', 'Message Suppressed'] satisfies MessageFate[];

/** Kairos speaks of its own messages: nothing the customer did. What others say of theirs is an event like any other. */
export function isOwnWord({ id, name, properties }: CustomerEvent): boolean {
  const messageId = properties['message_id'];
  return (
    name !== null && FATES.includes(name) && typeof messageId === 'string' && id.startsWith(`${messageId}:${name}:`)
  );
}

/**
 * The event by which rules hear of a message: what occasions such as `opened: cart-reminder` and `has received` look at.
 * @param attempt how many times it was tried, this one included; 0: never
 * @param at ms
 */
export function messageEvent(
  plan: PlannedMessage,
  fate: MessageFate,
  channel: Channel | null,
  attempt: number,
  at: number,
): CustomerEvent {
  return {
    id: messageEventId(plan, fate, attempt),
    type: 'track',
    name: fate,
    customer: plan.customer,
    time: at,
    properties: messageProperties(plan, channel),
    traits: null,
    consent: null,
    pushToken: null,
    historical: false,
  };
}

/** Live and in simulation the same, since it names what such an event starts. */
export function messageEventId({ id }: PlannedMessage, fate: MessageFate, attempt: number): string {
  return `${id}:${fate}:${attempt}`;
}

export function messageProperties(plan: PlannedMessage, channel: string | null): JsonObject {
  const { id, template, rule, category, occurrence, step } = plan;
  return { message_id: id, template, rule, channel, category, run: occurrence, step };
}
