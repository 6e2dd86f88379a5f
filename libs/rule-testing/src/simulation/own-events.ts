import { messageEvent, type CustomerEvent, type DeliveryDecision, type EmittedEvent } from '#core';

/** What a rule emitted, as the stream would bring it back. */
export function emittedCall({ id, customer, event, properties, time, hops }: EmittedEvent): CustomerEvent {
  return {
    id,
    type: 'track',
    name: event,
    customer,
    time,
    properties,
    traits: null,
    consent: null,
    pushToken: null,
    historical: false,
    hops,
  };
}

/** What became of a message, as an event; null: nothing yet, or it is a call, of which rules hear nothing. */
export function toldCall({ message: { plan, sentOn = [] }, verdict, at }: DeliveryDecision): CustomerEvent | null {
  if (plan.webhook !== null || verdict.kind === 'defer' || verdict.channel === 'webhook') return null;
  return verdict.kind === 'send'
    ? messageEvent(plan, 'Message Sent', verdict.channel, sentOn.length + 1, at)
    : messageEvent(plan, 'Message Suppressed', verdict.channel, 0, at);
}
