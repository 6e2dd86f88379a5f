import {
  messageEventId,
  messageProperties,
  type Carrier,
  type MessageFate,
  type PlannedMessage,
  type Ruleset,
} from '#core';
import type { OutcomeEvent } from '../ports/message-ledger.js';

/** Of which message, on which way, at the how many-eth attempt (0: it never came to one). */
export interface ToldMessage {
  readonly plan: PlannedMessage;
  readonly channel: Carrier | null;
  readonly attempt: number;
}

/**
 * The event by which rules hear of an outcome (events.md), or null where no rule or counter of the ruleset names it:
 * most outcomes never enter the stream.
 * @param at ms of the clock port
 */
export function outcomeEvent(
  ruleset: Ruleset,
  { plan, channel, attempt }: ToldMessage,
  name: MessageFate,
  at: number,
): OutcomeEvent | null {
  // A call is no message to the customer.
  if (plan.webhook !== null || ruleset.planFor(name) === undefined) return null;
  const recordId = messageEventId(plan, name, attempt);
  const call = {
    type: 'track',
    event: name,
    userId: plan.customer,
    messageId: recordId,
    timestamp: new Date(at).toISOString(),
    properties: messageProperties(plan, channel),
  };
  return {
    customerKey: plan.customer,
    messageId: plan.id,
    recordId,
    value: new TextEncoder().encode(JSON.stringify(call)),
  };
}
