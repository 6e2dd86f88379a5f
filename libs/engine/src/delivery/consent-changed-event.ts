import { formatInstant, type Unsubscription } from '#core';
import type { OutcomeEvent } from '../ports/message-ledger.js';

/**
 * The event by which the stream hears that a customer withdrew a consent by her own hand. It carries no consent itself:
 * the contact has it already.
 * @param customer the customer's key
 * @param at ms of the clock port
 */
export function consentChangedEvent(customer: string, withdrawn: Unsubscription, at: number): OutcomeEvent {
  const { messageId, category, channel } = withdrawn;
  // The same link may be used again, after the customer had consented anew.
  const recordId = `${messageId}:Consent Changed:${at}`;
  const call = {
    type: 'track',
    event: 'Consent Changed',
    userId: customer,
    messageId: recordId,
    timestamp: formatInstant(at),
    properties: { category, channel, given: false, source: 'unsubscribe link', message_id: messageId },
  };
  return { customerKey: customer, recordId, value: new TextEncoder().encode(JSON.stringify(call)) };
}
