import { formatInstant, type Channel } from '#core';
import type { OutcomeEvent } from '../ports/message-ledger.js';

/** A consent that a customer gave or withdrew by her own hand. */
export interface ChangedConsent {
  readonly category: string;
  readonly channel: Channel;
  readonly given: boolean;
  /** How. */
  readonly source: 'unsubscribe link' | 'preference centre';
  /** Message in which the link stood. */
  readonly messageId: string;
}

/**
 * The event by which the stream hears that a customer changed a consent by her own hand. It carries no consent itself:
 * the contact has it already.
 * @param customer the customer's key
 * @param at ms of the clock port
 */
export function consentChangedEvent(customer: string, changed: ChangedConsent, at: number): OutcomeEvent {
  const { messageId, category, channel, given, source } = changed;
  // The same link may be used again, after the customer had changed her mind.
  const recordId = `${messageId}:Consent Changed:${category}:${channel}:${at}`;
  const call = {
    type: 'track',
    event: 'Consent Changed',
    userId: customer,
    messageId: recordId,
    timestamp: formatInstant(at),
    properties: { category, channel, given, source, message_id: messageId },
  };
  return { customerKey: customer, messageId, recordId, value: new TextEncoder().encode(JSON.stringify(call)) };
}
