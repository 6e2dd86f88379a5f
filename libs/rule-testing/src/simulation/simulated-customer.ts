import {
  type EngagementRecord,
  joinConsents,
  newCustomerState,
  nextFire,
  type ConsentEntry,
  type CustomerState,
  type OpenMessage,
  type Slot,
} from '#core';
import { SentMessages } from './sent-messages.js';

/** One customer of a simulated shop: what the engine and delivery keep in their rows. */
export interface SimulatedCustomer {
  readonly id: string;
  readonly state: CustomerState;
  consents: readonly ConsentEntry[];
  slots: readonly Slot[];
  open: readonly OpenMessage[];
  /** null: nothing of hers was ever sent. */
  engagement: EngagementRecord | null;
  readonly sent: SentMessages;
  /** Things that her lists hold, as the index of the shop knows it. */
  watched: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

export function newCustomer(id: string): SimulatedCustomer {
  return {
    id,
    state: newCustomerState(id),
    consents: [],
    slots: [],
    open: [],
    engagement: null,
    sent: new SentMessages(),
    watched: NOTHING,
  };
}

/** What delivery knows of another id of the same customer becomes hers; `state` is the engine's. */
export function takeOver(customer: SimulatedCustomer, from: SimulatedCustomer): void {
  customer.consents = joinConsents(customer.consents, from.consents);
  customer.slots = [...customer.slots, ...from.slots];
  const open = from.open.map((message) => ({ ...message, plan: { ...message.plan, customer: customer.id } }));
  customer.open = [...customer.open, ...open];
  if (customer.engagement === null) customer.engagement = from.engagement;
  else if (from.engagement !== null) customer.engagement.join(from.engagement);
  customer.sent.join(from.sent);
}

/** The next instant at which something is due for her, ms; Infinity: nothing. */
export function nextDue({ state, open }: SimulatedCustomer): number {
  let next = nextFire(state);
  for (const message of open) if (message.notBefore < next) next = message.notBefore;
  return next;
}
