import { formatInstant } from '#core';
import type { OutcomeEvent } from '../ports/message-ledger.js';

export interface ReadMessage {
  readonly id: string;
  readonly rule: string;
  readonly template: string;
  readonly category: string;
  /** Of the run that sent it; null where its day was dropped. */
  readonly run: string | null;
  readonly step: string | null;
}

/** `Message Opened` of a message that a customer read in her inbox; @param at ms of the clock port. */
export function inboxOpenedEvent(customer: string, message: ReadMessage, at: number): OutcomeEvent {
  const { id, rule, template, category, run, step } = message;
  const recordId = `${id}:Message Opened:inbox`;
  const call = {
    type: 'track',
    event: 'Message Opened',
    userId: customer,
    messageId: recordId,
    timestamp: formatInstant(at),
    properties: { message_id: id, rule, template, channel: 'inbox', category, run, step },
  };
  return { customerKey: customer, messageId: null, recordId, value: new TextEncoder().encode(JSON.stringify(call)) };
}
