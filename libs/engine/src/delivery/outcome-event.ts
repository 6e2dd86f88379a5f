import type { Ruleset } from '#core';
import type { OutcomeEvent, ReservedMessage } from '../ports/message-ledger.js';

/**
 * The event by which rules hear of an outcome (events.md), or null where no rule or counter of the ruleset names it:
 * most outcomes never enter the stream.
 * @param at ms of the clock port
 */
export function outcomeEvent(
  ruleset: Ruleset,
  message: ReservedMessage,
  name: 'Message Sent' | 'Message Failed',
  at: number,
): OutcomeEvent | null {
  const { plan, channel } = message;
  // A call is no message to the customer.
  if (plan.webhook !== null || ruleset.planFor(name) === undefined) return null;
  const recordId = `${plan.id}:${name}:${message.attempt}`;
  const properties = {
    message_id: plan.id,
    template: plan.template,
    rule: plan.rule,
    channel,
    category: plan.category,
    run: plan.occurrence,
    step: plan.step,
  };
  const call = {
    type: 'track',
    event: name,
    userId: plan.customer,
    messageId: recordId,
    timestamp: new Date(at).toISOString(),
    properties,
  };
  return { customerKey: plan.customer, recordId, value: new TextEncoder().encode(JSON.stringify(call)) };
}
