import { decodeSlots, encodeSlots, type PlannedMessage, type Slot } from '#core';
import type { ClaimedCustomer, CustomerWrite, DecideClaim, MessageWrite } from '#engine';

export const DECISION = Buffer.from('why');

function slotOf(plan: PlannedMessage, from: number, to: number): Slot {
  return {
    messageId: plan.id,
    from,
    to,
    channel: 'email',
    category: plan.category,
    priority: plan.priority,
    content: '0011223344556677',
    counts: true,
  };
}

/** Sends at most `cap` messages of a customer, ever: the simplest thing that a lost update or a stale snapshot breaks. */
export function atMost(cap: number, seen: (customer: ClaimedCustomer) => void = () => undefined): DecideClaim {
  return (customers, now, leaseUntil) =>
    customers.map((customer): CustomerWrite => {
      seen(customer);
      const slots = decodeSlots(customer.slots);
      const messages = customer.open
        .filter((row) => row.state === 'planned' && row.notBefore <= now)
        .map((row): MessageWrite => {
          if (row.cancelled !== null) return suppressed(row.messageId, row.cancelled);
          if (slots.length >= cap) return suppressed(row.messageId, 'frequency_cap');
          slots.push(slotOf(row.plan, now, leaseUntil));
          return { kind: 'reserve', messageId: row.messageId, channel: 'email', decision: DECISION };
        });
      return { customerId: customer.customerId, consents: null, slots: encodeSlots(slots), messages };
    });
}

function suppressed(messageId: string, reason: 'frequency_cap' | 'run_stopped' | 'goal_reached'): MessageWrite {
  return { kind: 'suppress', messageId, channel: 'email', reason, blockedBy: null, decision: DECISION, outcome: null };
}

/** A commit that writes nothing. */
export const EMPTY = {
  states: [],
  planned: [],
  cancelled: [],
  consents: [],
  traces: [],
  outbox: [],
  outboxSent: [],
  deadLetters: [],
  watch: { added: [], removed: [] },
  heard: { ids: [], forgetBefore: null },
  jobs: { open: [], done: [] },
};
