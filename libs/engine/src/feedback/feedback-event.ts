import { feedbackEventName, type Ruleset } from '#core';
import type { ToldFeedback } from '../ports/feedback-book.js';
import type { OutcomeEvent } from '../ports/message-ledger.js';

/**
 * The event by which rules hear what became of a message after it left, or null where no rule or counter of the ruleset
 * names it. Opens and clicks of programs carry `machine: true` (clicks also `bot: true`): rules pass over them.
 */
export function feedbackEvent(ruleset: Ruleset, told: ToldFeedback): OutcomeEvent | null {
  const { feedback, customer, rule, template, category, channel, step, run } = told;
  const event = feedbackEventName(feedback.kind);
  if (ruleset.planFor(event) === undefined) return null;
  const { reason } = feedback;
  const recordId = `${feedback.messageId}:${event}:${reason ?? ''}:${feedback.copyOf}`;
  const call = {
    type: 'track',
    event,
    userId: customer,
    messageId: recordId,
    timestamp: new Date(feedback.at).toISOString(),
    properties: {
      ...feedback.detail,
      message_id: feedback.messageId,
      template,
      rule,
      channel,
      category,
      run,
      step,
      ...(reason === 'machine' ? { machine: true } : {}),
      ...(reason === 'bot' ? { machine: true, bot: true } : {}),
      ...(reason === 'hard' || reason === 'soft' ? { bounce: reason } : {}),
    },
  };
  const value = new TextEncoder().encode(JSON.stringify(call));
  return { customerKey: customer, messageId: feedback.messageId, recordId, value };
}
